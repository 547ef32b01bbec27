"""How wide a text will be drawn at most, and texts cut to a width: whatever font a reader's system has."""

from __future__ import annotations

import unicodedata
from functools import cache

# Widths in em: the greater of DejaVu Sans and Verdana, the widest sans-serif fonts in common use; rounded up.
_WIDTHS = (
    ("ijlI|'", 0.36),
    (" .,:;!", 0.41),
    ("ftr()[]/\\-`", 0.47),
    ('sczJ"*', 0.57),
    ("aevxykoLTF?_", 0.64),
    ("mWM%@", 1.1),
    ("wOQGDHNU+=<>~#&", 0.86),
)
_EM = {character: wide for characters, wide in _WIDTHS for character in characters}
_BOLD = 1.13  # so much wider is the bold face
CUT = "\u2026"


@cache
def _em(character: str) -> float:
    if character in _EM:
        return _EM[character]
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0.0
    if character.isascii():
        return 0.78 if character.isupper() else 0.65
    return 1.3 if unicodedata.east_asian_width(character) in "WF" else 1.05


def width(text: str, size: float, bold: bool = False) -> float:
    """The most that the text takes at this font size, in its units."""
    return size * sum(map(_em, text)) * (_BOLD if bold else 1)


def fitted(text: str, most: float, size: float, middle: bool = False, bold: bool = False) -> str:
    """The text, cut where it would be wider; in its middle where both ends of a name tell machines apart."""
    size *= _BOLD if bold else 1
    if width(text, size) <= most:
        return text
    room = most - width(CUT, size)
    if room <= 0:
        return ""
    tail = ""
    if middle:
        tail = _taken(text[::-1], room * 0.45, size)[::-1]
        while tail and unicodedata.combining(tail[0]):
            tail = tail[1:]
    start = _taken(text, room - width(tail, size), size)
    return f"{start.rstrip()}{CUT}{tail.lstrip()}"


def _taken(text: str, room: float, size: float) -> str:
    used, end = 0.0, 0
    for end, character in enumerate(text):  # noqa: B007 - its last value is what is wanted
        used += size * _em(character)
        if used > room:
            break
    else:
        return text
    return text[:end]
