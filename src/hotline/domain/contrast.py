"""Colours: the contrast between two, and whether text stays legible in an organisation's own.

In come colours as `#rrggbb`, out come numbers or problems by name. Stores and draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

INK = "#1e2725"
"""The text of the light appearance, as in the browser app's design tokens."""
WHITE = "#ffffff"
LEGIBLE = 4.5
"""The contrast that WCAG 2.2 asks for text (AA)."""


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


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG defines it, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, each 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
