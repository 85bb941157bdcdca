"""An organisation's colours: legible or refused, and as the style sheet of its anteroom.

Colours as `#rrggbb` come in, problems or CSS custom properties go out. Nothing but checked colours ever
reaches a style sheet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LABELS = {"accent": "Colour of buttons and links", "paper": "Colour of the page"}

INK = "#1e2725"
"""The text of the light appearance, as in the browser app's design tokens."""
WHITE = "#ffffff"
BLACK = "#000000"
_DARK_SURFACE = "#1c2324"
LEGIBLE = 4.5
"""The contrast that WCAG 2.2 asks for text (AA)."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def problems(colours: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with these colours, by name; empty when all text stays legible."""
    found: dict[str, str] = {}
    accent = colours.get("accent")
    paper = colours.get("paper")
    if paper is not None and contrast(paper, INK) < LEGIBLE:
        found["paper"] = "is too dark for the text on it; please choose a lighter one"
    if accent is not None and contrast(accent, WHITE) < LEGIBLE:
        found["accent"] = "is too light for the white text on it; please choose a darker one"
    elif accent is not None and paper is not None and not found and contrast(accent, paper) < LEGIBLE:
        found["accent"] = "cannot be read well on the colour of the page; please choose a darker one"
    return found


def style_sheet(colours: Mapping[str, str]) -> str:
    """CSS that sets the design tokens; the dark appearance gets a lighter form of the accent."""
    known = {name: value for name, value in colours.items() if name in LABELS and _COLOUR.fullmatch(value)}
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    if "paper" in known:
        light["paper"] = known["paper"]
    if "accent" in known:
        accent = known["accent"]
        soft = mixed(accent, WHITE, 0.88)
        light |= {
            "accent": accent,
            "accent-strong": mixed(accent, BLACK, 0.25),
            "accent-ink": WHITE,
            "accent-soft": soft,
            "accent-soft-ink": _until_legible(accent, soft, BLACK),
        }
        bright = _until_legible(mixed(accent, WHITE, 0.35), _DARK_SURFACE, WHITE, 6.0)
        shade = mixed(accent, _DARK_SURFACE, 0.7)
        dark |= {
            "accent": bright,
            "accent-strong": mixed(bright, WHITE, 0.3),
            "accent-ink": _until_legible(mixed(accent, BLACK, 0.7), bright, BLACK),
            "accent-soft": shade,
            "accent-soft-ink": _until_legible(bright, shade, WHITE),
        }
    return (
        _block(":root", light, "@media (prefers-color-scheme: light)")
        + _block(":root", dark, "@media (prefers-color-scheme: dark)")
    )  # fmt: skip


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG defines it, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, other: str, part: float) -> str:
    """The colour with so much of the other in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _until_legible(colour: str, ground: str, towards: str, wanted: float = LEGIBLE) -> str:
    for step in range(21):
        candidate = mixed(colour, towards, step / 20)
        if contrast(candidate, ground) >= wanted:
            return candidate
    return towards


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _block(selector: str, tokens: Mapping[str, str], media: str) -> str:
    if not tokens:
        return ""
    lines = "".join(f"    --{name}: {value};\n" for name, value in tokens.items())
    return f"{media} {{\n  {selector} {{\n{lines}  }}\n}}\n"
