"""An organisation's colours: legible or refused, and as the style sheet of its anteroom.

Colours as `#rrggbb` come in, problems or CSS custom properties go out. Nothing but checked colours ever
reaches a style sheet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hotline.domain.contrast import LEGIBLE, WHITE, channels, contrast

LABELS = {"accent": "Colour of buttons and links", "paper": "Colour of the page"}

BLACK = "#000000"
_DARK_SURFACE = "#1c2324"

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def style_sheet(colours: Mapping[str, str]) -> str:
    """CSS that sets the design tokens; the dark appearance gets a lighter form of the accent."""
    known = {name: value for name, value in colours.items() if name in LABELS and _COLOUR.fullmatch(value)}
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    if "paper" in known:
        light["paper"] = known["paper"]
    if "accent" in known:
        accent = known["accent"]
        soft = _mixed(accent, WHITE, 0.88)
        light |= {
            "accent": accent,
            "accent-strong": _mixed(accent, BLACK, 0.25),
            "accent-ink": WHITE,
            "accent-soft": soft,
            "accent-soft-ink": _until_legible(accent, soft, BLACK),
        }
        bright = _until_legible(_mixed(accent, WHITE, 0.35), _DARK_SURFACE, WHITE, 6.0)
        shade = _mixed(accent, _DARK_SURFACE, 0.7)
        dark |= {
            "accent": bright,
            "accent-strong": _mixed(bright, WHITE, 0.3),
            "accent-ink": _until_legible(_mixed(accent, BLACK, 0.7), bright, BLACK),
            "accent-soft": shade,
            "accent-soft-ink": _until_legible(bright, shade, WHITE),
        }
    return (
        _block(":root", light, "@media (prefers-color-scheme: light)")
        + _block(":root", dark, "@media (prefers-color-scheme: dark)")
    )  # fmt: skip


def _mixed(colour: str, other: str, part: float) -> str:
    """The colour with so much of the other in it."""
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _until_legible(colour: str, ground: str, towards: str, wanted: float = LEGIBLE) -> str:
    for step in range(21):
        candidate = _mixed(colour, towards, step / 20)
        if contrast(candidate, ground) >= wanted:
            return candidate
    return towards


def _block(selector: str, tokens: Mapping[str, str], media: str) -> str:
    if not tokens:
        return ""
    lines = "".join(f"    --{name}: {value};\n" for name, value in tokens.items())
    return f"{media} {{\n  {selector} {{\n{lines}  }}\n}}\n"
