"""What a run means for a sign-off, in one line."""

from __future__ import annotations

from collections import Counter

from preflight.report.text import Line
from preflight.run.model import Run
from preflight.values.outcome import Outcome

# Options that leave cases out, with the spelling that the user typed.
_CUTS = {
    "hosts": "--hosts={}",
    "row": "--row={}",
    "k": "-k {}",
    "m": "-m {}",
    "lf": "--lf",
    "x": "-x",
    "maxfail": "--maxfail={}",
}


def verdict_line(run: Run) -> Line:
    """Never a decision for a lab run or a partial one; else whether something blocks, and how much."""
    blocking = _blocking(run)
    state = f"blocks: {blocking}" if blocking else "nothing blocks"
    if run.lab is not None:
        if not run.full:
            state = f"partial, {_why(run)}; {state}"
        return Line(f"lab run: never a sign-off decision ({state})", "yellow")
    left_out = run.counts.total[Outcome.NOT_RUN]
    if left_out or run.interrupted or not run.full:
        if not left_out:
            why = "interrupted" if run.interrupted else "not all of the catalogue was looked at"
        else:
            why = f"{left_out} {'case' if left_out == 1 else 'cases'} not run ({_why(run)})"
        return Line(f"partial, no decision: {why}" + (f"; {blocking}" if blocking else ""), "yellow")
    return Line(state, "red" if blocking else "green")


def _blocking(run: Run) -> str:
    blocking = [(run.counts.total[outcome], outcome) for outcome in Outcome if outcome.blocks]
    return ", ".join(f"{count} {outcome}" for count, outcome in blocking if count)


def _why(run: Run) -> str:
    """The options that cut the run; where none did, the commonest reasons of the cases themselves."""
    given = [shape.format(run.selection[key]) for key, shape in _CUTS.items() if run.selection.get(key)]
    if run.interrupted:
        given.append("interrupted")
    if given:
        return ", ".join(given)
    reasons = Counter(case.reason for case in run.cases if case.standing is Outcome.NOT_RUN)
    return "; ".join(reason for reason, _ in reasons.most_common(2))
