"""What twistd takes on its command line for hotline.

In come arguments, out come `Settings` or one line on standard error. It decides nothing: config does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, ClassVar

from twisted.python import usage

from hotline.config import load_settings
from hotline.errors import StartError
from hotline.settable import CONFIG, OPTIONS, Option


class Options(usage.Options):
    """Made of the table of settings, so that command line, environment and file are the same set."""

    synopsis = "[hotline's options]"
    longdesc = "Each option may also be a HOTLINE_<NAME> variable or a key of the --config file."
    optParameters: ClassVar[list[list[Any]]] = [
        [option.name.replace("_", "-"), None, None, _described]
        for option in (*OPTIONS, CONFIG)
        if not option.repeatable
        for _described in [f"{option.metavar}: {option.help}"]
    ]

    def __init__(self) -> None:
        self.repeated: dict[str, list[str]] = {}
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's usage is untyped

    def parseOptions(self, options: Any = None) -> None:
        try:
            super().parseOptions(options)  # type: ignore[no-untyped-call]  # as above
        except usage.UsageError as error:
            # twistd would print all of its help first.
            print(f"hotline: {error}", file=sys.stderr)
            raise SystemExit(2) from None

    def postOptions(self) -> None:
        try:
            self.settings = load_settings({**self, **self.repeated}, os.environ)
        except StartError as error:
            raise usage.UsageError(str(error)) from None


def _repeatable(option: Option) -> Callable[[Options, str], None]:
    def collect(self: Options, value: str) -> None:
        self.repeated.setdefault(option.name, []).append(value)

    collect.__doc__ = f"{option.metavar}: {option.help}"
    return collect


for _option in OPTIONS:
    if _option.repeatable:
        setattr(Options, f"opt_{_option.name}", _repeatable(_option))
