"""A form as a value: what was typed, what is wrong with it, what its fields are called.

Fields of a request come in, what a template shows goes out. Passwords are never among the values that are
shown again; a template cannot forget that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hotline.errors import HotlineError, Invalid, NotFound

_NEVER_SHOWN = frozenset({"password", "old", "new", "csrf", "code", "passkey"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of a page; `prefix` keeps the ids of several forms of one page apart."""

    labels: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    status: int = 200
    prefix: str = "form"

    def value(self, name: str) -> str:
        """What to show in this field."""
        return "" if name in _NEVER_SHOWN else self.values.get(name, "").replace("\x00", "")

    def problem(self, name: str) -> str:
        """The sentence beside this field, or nothing."""
        problem = self.problems.get(name)
        return _sentence(self.labels.get(name, _plain(name)), problem) if problem else ""

    def id(self, name: str) -> str:
        """The id of this field's element."""
        return f"{self.prefix}-{name}"

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Every problem with the id of its field, in the order of the fields; the rest last, without id."""
        own = [(self.id(name), self.problem(name)) for name in self.labels if name in self.problems]
        return own + [("", self.problem(name)) for name in self.problems if name not in self.labels]

    def filled(self, values: Mapping[str, str]) -> Form:
        """The form with these values."""
        return replace(self, values=values)

    def refused(self, error: HotlineError) -> Form:
        """The form again, with what is wrong."""
        if isinstance(error, NotFound):
            return replace(self, sentence="That is not there any more.", status=error.status)
        if not isinstance(error, Invalid):
            return replace(self, sentence=said(error), status=error.status)
        problems = {name: str(problem) for name, problem in error.details.items()}
        return replace(self, problems=problems, sentence=error.sentence, status=error.status)


def said(error: HotlineError) -> str:
    """An error's sentence, or the reason given with it when there is one."""
    reason = error.details.get("reason")
    return _sentence("", reason) if isinstance(reason, str) else error.sentence


def _sentence(label: str, problem: str) -> str:
    """`must not be empty` becomes `Email must not be empty.`; what is a sentence already stays one."""
    text = f"{label} {problem}".strip() if problem[0].islower() else problem
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()


def separated(typed: str) -> list[str]:
    """What stands between commas."""
    return [part.strip() for part in typed.split(",") if part.strip()]
