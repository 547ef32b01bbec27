"""Prints lines of text for a person: harmless, coloured where that works, in ASCII where the console knows no more."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable

from preflight.report.text import Line, clean_text, fold

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def width() -> int:
    """Columns to fill: the terminal's; where the output is kept, enough for whole sentences."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 200


def show(lines: Iterable[Line]) -> None:
    """Print lines: in colour on a terminal that wants it, in ASCII where the output's encoding knows no more."""
    # An old console of Windows shows the codes as they are; its newer Terminal says that it is one.
    can = os.name != "nt" or "WT_SESSION" in os.environ
    colour = can and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for text, style in lines:
        codes = ";".join(_COLOURS[name] for name in style.split())
        shown = _written(text)
        print(f"\x1b[{codes}m{shown}\x1b[0m" if colour and codes else shown, flush=True)


def _written(text: str) -> str:
    text = clean_text(text, len(text))  # folders and files may be named by others, too
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return fold(text)
    return text
