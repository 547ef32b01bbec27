"""Text for narrow places: measured in columns of a terminal, cut, wrapped, folded to ASCII."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from preflight.run.clean import clean_text

__all__ = ["Line", "clean_text", "columns", "fit", "fold", "wrap"]

CUT = "..."


class Line(NamedTuple):
    """A line of the terminal; `style` is "", bold, red, green, yellow or dim: for the caller to mark up, or not."""

    text: str
    style: str = ""


def fold(text: str, ascii_only: bool = True) -> str:
    """The text in ASCII, for consoles that know a small code page: accents go, all else becomes a question mark."""
    if not ascii_only or text.isascii():
        return text
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.encode("ascii", "replace").decode("ascii")


def columns(text: str) -> int:
    """How many columns the text takes: East Asian wide characters two, combining marks none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """The text, cut with three dots where it takes more than `width` columns."""
    if columns(text) <= width:
        return text
    if width <= len(CUT):
        return CUT[: max(0, width)]
    return _take(text, width - len(CUT)).rstrip() + CUT


def _take(text: str, width: int) -> str:
    taken, used = [], 0
    for character in text:
        used += _columns(character)
        if used > width:
            break
        taken.append(character)
    return "".join(taken)


def wrap(text: str, width: int, first: str = "", rest: str = "", most: int = 2) -> list[str]:
    """At most `most` lines of `width` columns, begun by `first` and then `rest`; what is left over is cut with dots."""
    lines: list[str] = []
    words = text.split()
    prefix, current = first, ""
    while words:
        word = words[0]
        longer = f"{current} {word}" if current else word
        if columns(prefix + longer) <= width:
            current = longer
            words.pop(0)
        elif len(lines) == most - 1:
            return [*lines, fit(prefix + " ".join(filter(None, [current, *words[:width]])), width)]
        elif current:
            lines.append(prefix + current)
            prefix, current = rest, ""
        else:  # one word wider than a line
            piece = _take(word, max(1, width - columns(prefix)))
            lines.append(fit(prefix + piece, width))
            words[0] = word[len(piece) or 1 :]
            prefix = rest
    return [*lines, prefix + current] if current or not lines else lines
