"""Templates into HTML.

Names of templates and plain values come in, text goes out with everything escaped. A template that uses a
value it was not given fails; nothing of a request is ever taken as a template.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"


class Templates:
    """The templates of the pages."""

    def __init__(self, directory: Path = TEMPLATES) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(directory),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._environment.filters["moment"] = moment
        self._environment.filters["day"] = day
        self._environment.filters["quarter"] = quarter
        self._environment.filters["iso"] = lambda value: value.isoformat()

    def render(self, name: str, **values: Any) -> str:
        """The page made of the template `<name>.html.jinja`."""
        return self._environment.get_template(f"{name}.html.jinja").render(**values)


def day(value: date) -> str:
    """A day for people to read."""
    return f"{value.day} {value:%B %Y}"


def quarter(value: datetime) -> datetime:
    """The quarter of an hour in which it was: closer nobody needs to know."""
    return value.replace(minute=value.minute // 15 * 15, second=0, microsecond=0)


def moment(value: datetime) -> str:
    """A time for people to read; in UTC, and saying so."""
    return f"{value.day} {value:%B %Y, %H:%M} UTC"
