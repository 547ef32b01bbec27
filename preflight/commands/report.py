"""`preflight report`: makes the views of a recorded run again, from its run.json alone."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from preflight.errors import RecordingError
from preflight.report.console import show
from preflight.report.decision import verdict_line
from preflight.report.pdf import PDF_FILE, pdf_maker
from preflight.report.text import Line
from preflight.report.views import VIEWS, recorded
from preflight.run.recorded import read_run, resolve_run
from preflight.run.store import RunFolder

HELP = "make the reports of a recorded run again from its run.json"
ROOT = Path(__file__).absolute().parents[2]


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("recording", metavar="RUN", help="latest, the run's id, or its folder")
    parser.add_argument("--inventory", metavar="FILE", help="whose reports/ holds the run (default: the clone's)")
    parser.add_argument("--pdf", action="store_true", help=f"{PDF_FILE}, too; needs WeasyPrint")
    parser.epilog = "The same run.json makes the same bytes. report.html is pytest-html's and is left as it is."


def run(told: argparse.Namespace, rest: Sequence[str]) -> int:  # noqa: ARG001 - the table's signature
    """Write all views into the run's folder; RecordingError, or an InputError where --pdf has no WeasyPrint."""
    site = Path(told.inventory).expanduser().absolute().parent if told.inventory is not None else ROOT
    folder = resolve_run(site / "reports", told.recording, replayable=False)
    make_pdf = pdf_maker() if told.pdf else None  # before anything is written
    run_, run_json = read_run(folder)
    source = recorded(run_, run_json)
    files = {name: view(source) for name, view in VIEWS.items()}
    if make_pdf is not None:
        files[PDF_FILE] = make_pdf(files["signoff.html"])
    lines = []
    for name, content in files.items():
        try:
            written = RunFolder(folder).write(name, content)
        except OSError as error:
            raise RecordingError(f"{folder / name}: cannot be written: {error.strerror or error}") from error
        lines.append(Line(f"{written} ({len(content):,} bytes)"))
    show([*lines, Line(verdict_line(run_).text)])
    return 0
