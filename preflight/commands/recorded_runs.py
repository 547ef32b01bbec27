"""Which recorded run a subcommand is told about."""

from __future__ import annotations

import argparse
from pathlib import Path

from preflight.errors import RecordingError

ROOT = Path(__file__).absolute().parents[2]
BASELINE = "baseline"
NAMED = f"latest, {BASELINE}, the id of a run, or its folder"


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
