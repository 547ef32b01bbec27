"""`preflight diff A B`: what changed from one run to another."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from preflight.commands.recorded_runs import BASELINE, NAMED, add_place, folder_of, show, width

HELP = "what changed from run A to run B: regressed, new, fixed, gone, other evidence"


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("before", metavar="A", help=f"the earlier run: {NAMED}")
    parser.add_argument("after", metavar="B", help="the later run, named in the same way")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON: the `comparison` of run.json")
    form.add_argument("--markdown", action="store_true", help="as Markdown, for a ticket")
    parser.add_argument("--anyway", action="store_true", help="also when the two are not of one site")
    add_place(parser)
    parser.epilog = (
        "Exit code 0: nothing that blocks is new; 1: something regressed, or is new and blocks; 4: bad input."
    )


def run(told: argparse.Namespace, rest: Sequence[str]) -> int:
    """Compare and print."""
    del rest
    from preflight.report.changes import change_lines
    from preflight.report.summary import changes_md
    from preflight.run.compare import compare, must_be_one_site, worse
    from preflight.run.recorded import load_run

    before, after = (load_run(folder_of(told, name)) for name in (told.before, told.after))
    if not told.anyway:
        must_be_one_site(before, after)
    comparison = compare(before, after, accepted=told.before == BASELINE)
    if told.json:
        sys.stdout.buffer.write(
            comparison.model_dump_json(indent=1).encode() + b"\n"
        )  # whatever the console's encoding
    elif told.markdown:
        sys.stdout.buffer.write("\n".join([*changes_md(comparison), ""]).encode())
    else:
        show(change_lines(comparison, width()))
    return 1 if worse(comparison) else 0
