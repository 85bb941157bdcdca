"""What a name must not be taken for: a web address, something else than is seen, or somebody else's.

In comes one line, out comes whether a mail program would make a link of something in it, whether something
in it cannot be seen, and what it looks like. It refuses nothing itself (`checks.py` and `groups.py` do).
"""

from __future__ import annotations

import re
import unicodedata

# Letters and their marks as `a`, digits as `0`, dots and everything else that can be part of neither.
_ADDRESS = re.compile(r"[a0]\.aa|(?<![0.])0{1,3}(?:\.0{1,3}){3}(?![0.])")
_IDEOGRAPHIC_DOT = re.compile("(?<=[a-z0-9])\u3002(?=[a-z0-9])")

_JOINERS = "\u200c\u200d"
_OF_EMOJI = "\ufe0e\ufe0f"
# Beside those of category Cf: letters, marks and symbols that nothing is drawn for.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_HIDDEN = {"Cf", "Cn", "Co"}
# Some are younger than what Python knows of Unicode, and seen all the same.
_EMOJI = range(0x1F000, 0x1FC00)
# Small letters, after those of Latin that they, or their capitals, are drawn like: Cyrillic, Greek, and some.
_TWINS = {
    "a": "\u0430\u03b1\u0251", "b": "\u0432\u03b2", "c": "\u0441", "d": "\u0501",
    "e": "\u0435\u03b5", "g": "\u0261", "h": "\u043d\u04bb\u03b7", "i": "\u0456\u03b9\u0131",
    "j": "\u0458\u03f3", "k": "\u043a\u03ba", "l": "\u04cf1|", "m": "\u043c\u03bc", "n": "\u03bd",
    "o": "\u043e\u03bf0", "p": "\u0440\u03c1", "q": "\u051b", "s": "\u0455", "t": "\u0442\u03c4",
    "w": "\u051d", "x": "\u0445\u03c7", "y": "\u0443\u03c5\u04af", "z": "\u03b6",
}  # fmt: skip
_TWIN_OF = str.maketrans({each: letter for letter, twins in _TWINS.items() for each in twins})
_ALPHABETS_WITHOUT_JOINERS = ("LATIN ", "GREEK ", "CYRILLIC ")


def has_address(line: str) -> bool:
    """Whether there is a web address in it, or what mail programs take for one: a dot without a space behind
    it, between letters."""
    folded = _IDEOGRAPHIC_DOT.sub(".", unicodedata.normalize("NFKC", line).casefold())
    return "://" in folded or "www." in folded or bool(_ADDRESS.search("".join(map(_kind, folded))))


def has_hidden(line: str) -> bool:
    """Whether something in it cannot be seen: it may look like another name, or be read in another order.

    Joiners are fine in the alphabets that are written with them, and inside emoji.
    """
    # All of that is seen, but for what no line holds.
    if line.isascii():
        return False
    return any(_is_hidden(line, place) for place in range(len(line)))


def look(line: str) -> str:
    """What is seen of it: two names of the same look are taken for each other."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", line).casefold() if not _is_blank(c))
    return " ".join(unicodedata.normalize("NFKC", seen).translate(_TWIN_OF).split())


def _kind(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "LM":
        return "a"
    return "0" if category == "Nd" else "." if character == "." else " "


def _is_hidden(line: str, place: int) -> bool:
    character, before, behind = line[place], line[place - 1 : place], line[place + 1 : place + 2]
    if character in _JOINERS:
        return not (_is_joined(before) and _is_joined(behind))
    if character in _OF_EMOJI:
        return not before or unicodedata.category(before)[0] in "LZ"
    if _is_tag(character):
        return before != "\U0001f3f4" and not _is_tag(before)
    if _is_variant(character):
        return not before or unicodedata.category(before) != "Lo"
    if ord(character) in _EMOJI:
        return False
    return character in _BLANKS or unicodedata.category(character) in _HIDDEN


def _is_blank(character: str) -> bool:
    return (
        character in _BLANKS
        or character in _OF_EMOJI
        or _is_variant(character)
        or (unicodedata.category(character) in _HIDDEN and ord(character) not in _EMOJI)
    )


def _is_joined(character: str) -> bool:
    if not character:
        return False
    if character in _OF_EMOJI or ord(character) in _EMOJI:
        return True
    category = unicodedata.category(character)
    if category[0] in "LM":
        return not unicodedata.name(character, "").startswith(_ALPHABETS_WITHOUT_JOINERS)
    return category == "So"


def _is_tag(character: str) -> bool:
    # Of the flags of England, Scotland and others: a black one with letters behind it that are not drawn.
    return "\U000e0020" <= character <= "\U000e007f"


def _is_variant(character: str) -> bool:
    # Of an ideograph, as names of people and places are written in Japan.
    return "\ufe00" <= character <= "\ufe0d" or "\U000e0100" <= character <= "\U000e01ef"
