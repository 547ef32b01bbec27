"""Which recorded run a subcommand is told about, and how its answer is printed."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from preflight.errors import RecordingError
from preflight.report.text import Line, clean_text, fold

ROOT = Path(__file__).absolute().parents[2]
BASELINE = "baseline"
NAMED = f"latest, {BASELINE}, the id of a run, or its folder"
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def add_place(parser: argparse.ArgumentParser) -> None:
    """The option that says whose reports/ ids and `latest` are looked up in."""
    parser.add_argument(
        "--inventory",
        metavar="FILE",
        help="the site whose reports/ lies beside it (default: inventory.yaml of the clone)",
    )


def folder_of(told: argparse.Namespace, name: str) -> Path:
    """The folder of a run; RecordingError."""
    from preflight.run.baseline import accepted_run
    from preflight.run.recorded import resolve_run

    inventory = Path(told.inventory).expanduser().absolute() if told.inventory is not None else ROOT / "inventory.yaml"
    reports = inventory.parent / "reports"
    if name != BASELINE:
        return resolve_run(reports, name, replayable=False)
    folder = accepted_run(reports)
    if folder is None:
        raise RecordingError(f"{reports}: no run was accepted there yet (preflight accept RUN --by NAME)")
    return folder


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
        print(f"\x1b[{codes}m{shown}\x1b[0m" if colour and codes else shown)


def _written(text: str) -> str:
    text = clean_text(text, len(text))  # folders and files may be named by others, too
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return fold(text)
    return text
