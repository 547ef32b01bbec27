"""`preflight diff A B`: what changed from one run to another."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from preflight.commands.recorded_runs import BASELINE, NAMED, add_place, folder_of
from preflight.report.console import show, width
from preflight.report.text import fold

_NAMED = 3
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
        "Exit code 0: all that blocks in B blocked in A; 1: something blocks that did not, or was not run; 4: bad "
        "input."
    )


def run(told: argparse.Namespace, rest: Sequence[str]) -> int:
    """Compare and print."""
    del rest
    from preflight.report.changes import change_lines
    from preflight.report.summary import changes_md
    from preflight.run.compare import compare, must_be_one_site, newly_blocking, worse
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
    newly = newly_blocking(before, after)
    told_of = {change.case for change in worse(comparison)}
    if unsaid := [case.id for case in newly if case.id not in told_of]:
        # A comparison says nothing of these, since A knew nothing of them; the exit code needs its reason.
        more = f" and {len(unsaid) - _NAMED} more" if len(unsaid) > _NAMED else ""
        what = f"blocks in {after.run_id}, was not run in {before.run_id}: {', '.join(unsaid[:_NAMED])}{more}"
        print(fold(what), file=sys.stderr)
    return 1 if newly else 0
