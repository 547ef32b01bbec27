"""What a run means for a sign-off: the one rule that the terminal, the page and every other view tell alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from preflight.report.text import Line
from preflight.run.model import Run
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

Word = Literal["accept", "accept with exceptions", "reject", "partial, no decision", "lab run"]
Colour = Literal["green", "yellow", "red"]

RULES: dict[Word, str] = {
    "accept": "Everything was run, and nothing that is required here failed or stayed unverified.",
    "accept with exceptions": "Everything was run, and all that failed or stayed unverified is waived or attested by a "
    "person in charge.",
    "reject": "What is required here and failed, or could not be verified, keeps the site from being accepted.",
    "partial, no decision": "Part of the page was not run. Only a run that leaves nothing out is a basis for a "
    "decision.",
    "lab run": "The hosts were simulated. A lab run never decides anything.",
}
_COLOURS: dict[Word, Colour] = {
    "accept": "green",
    "accept with exceptions": "green",
    "reject": "red",
    "partial, no decision": "yellow",
    "lab run": "yellow",
}
NOTHING_BLOCKS, NOTHING_ASKED = "nothing blocks", "nothing was asked"
_OVER = (Outcome.WAIVED, Outcome.ATTESTED)
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


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision of a run, or why there is none."""

    word: Word
    rule: str  # the sentence by which it was decided
    colour: Colour
    state: str  # "blocks: 3 failed, 2 unverified", "nothing blocks" or "nothing was asked"
    left_out: str = ""  # a partial run: what was left out, and by what
    exceptions: str = ""  # "2 waived, 1 attested": what a person has laid over an outcome
    remarks: str = ""  # "4 advisory": recommendations not met; they change no decision

    @property
    def decides(self) -> bool:
        """False for lab runs and partial ones."""
        return self.word not in ("lab run", "partial, no decision")


def decide(run: Run) -> Decision:
    """Never a decision for a lab run or a partial one; else reject, accept with exceptions, or accept."""
    blocking = _counted(run, [outcome for outcome in Outcome if outcome.blocks])
    exceptions, remarks = _counted(run, _OVER), _counted(run, [Outcome.ADVISORY])
    left_out = _left_out(run)
    word: Word = "accept with exceptions" if exceptions else "accept"
    if run.lab is not None:
        word = "lab run"
    elif left_out:
        word = "partial, no decision"
    elif blocking:
        word = "reject"
    state = f"blocks: {blocking}" if blocking else NOTHING_BLOCKS if _asked(run) else NOTHING_ASKED
    return Decision(word, RULES[word], _COLOURS[word], state, left_out, exceptions, remarks)


def verdict_line(run: Run) -> Line:
    """The decision in one line: what the terminal closes with."""
    told = decide(run)
    if told.word == "lab run":
        partial = f"partial, {_why(run)}; " if not run.full else ""
        return Line(f"lab run: never a sign-off decision ({partial}{told.state})", told.colour)
    if told.word == "partial, no decision":
        state = "" if told.state == NOTHING_BLOCKS else f"; {told.state.removeprefix('blocks: ')}"
        return Line(f"{told.word}: {told.left_out}{state}", told.colour)
    over = f"; {told.exceptions}" if told.exceptions else ""
    return Line(f"{told.word}: {told.state.removeprefix('blocks: ')}{over}", told.colour)


def _asked(run: Run) -> bool:
    """Whether any case was looked at, so that something could have blocked."""
    idle = (Outcome.NOT_RUN, Outcome.NOT_APPLICABLE)
    return any(run.counts.total[outcome] for outcome in Outcome if outcome not in idle) or not run.cases


def _left_out(run: Run) -> str:
    """What keeps the run from being whole; empty for a whole one."""
    count = run.counts.total[Outcome.NOT_RUN]
    if count:
        return f"{counted(count, 'case')} not run ({_why(run)})"
    if run.interrupted:
        return "interrupted"
    if not run.full:
        return "not all of the catalogue was looked at"
    return "" if run.cases else "no case at all"


def _counted(run: Run, outcomes: list[Outcome] | tuple[Outcome, ...]) -> str:
    counts = [(run.counts.total[outcome], outcome) for outcome in outcomes]
    return ", ".join(f"{count} {outcome}" for count, outcome in counts if count)


def _why(run: Run) -> str:
    """The options that cut the run; where none did, the commonest reasons of the cases themselves."""
    given = [shape.format(run.selection[key]) for key, shape in _CUTS.items() if run.selection.get(key)]
    if run.interrupted:
        given.append("interrupted")
    if given:
        return ", ".join(given)
    reasons = Counter(case.reason for case in run.cases if case.standing is Outcome.NOT_RUN)
    return "; ".join(reason for reason, _ in reasons.most_common(2))
