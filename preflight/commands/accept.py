"""`preflight accept RUN --by NAME`: makes a run the site's baseline."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from preflight.commands.recorded_runs import NAMED, add_place, folder_of
from preflight.report.console import show
from preflight.report.text import Line

HELP = "make a full run the baseline that later runs are compared with"


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("run", metavar="RUN", help=NAMED)
    parser.add_argument("--by", required=True, metavar="NAME", help="who accepts it")
    parser.add_argument("--note", default="", metavar="TEXT", help="why, or under which conditions")
    add_place(parser)


def run(told: argparse.Namespace, rest: Sequence[str]) -> int:
    """Write baseline.json beside the run, and say what stands in it."""
    del rest
    from preflight.report.decision import verdict_line
    from preflight.run.baseline import BASELINE_FILE, accept

    folder = folder_of(told, told.run)
    baseline, accepted = accept(folder, by=told.by, when=datetime.now(UTC), note=told.note)
    show(
        [
            Line(f"{accepted.customer}, {accepted.site}: {baseline.run_id} is the baseline, accepted by {baseline.by}"),
            Line(f"what stands in it: {verdict_line(accepted).text}"),
            Line(f"written: {folder.parent / BASELINE_FILE}"),
        ]
    )
    return 0
