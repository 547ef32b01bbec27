"""The decision, first of all: accept, accept with exceptions, reject, or that there is none, and by which rule."""

from __future__ import annotations

from preflight.report.decision import NOTHING_BLOCKS, Decision, decide
from preflight.report.signoff.markup import SEVERITY, facts, safe, tag
from preflight.run.model import Run

_MARKS = {"green": "\u2713", "yellow": "!", "red": "\u2717"}


def decision_html(run: Run) -> str:
    """The lab's banner where it is one, the word, the rule, what blocks or was left out, and all counts."""
    told = decide(run)
    counts = " ".join(tag(outcome, run.counts.total[outcome]) for outcome in SEVERITY if run.counts.total[outcome])
    notes = "".join(f"<p>{safe(note)}</p>" for note in run.notes)
    return (
        f"{_lab(run)}"
        f'<section id="decision" class="decision {told.colour}" aria-labelledby="decision-title">'
        f'<div class="mark" aria-hidden="true">{_MARKS[told.colour]}</div>'
        f'<div><p class="over">Decision</p><h2 id="decision-title">{_word(told)}</h2>'
        f'<p class="rule">{safe(told.rule)}</p>'
        f"{facts(_details(told))}"
        f'<p class="chips">{counts}</p>{notes}</div></section>\n'
    )


def _word(told: Decision) -> str:
    return "No decision: lab run" if told.word == "lab run" else safe(told.word.capitalize())


def _details(told: Decision) -> list[tuple[str, str]]:
    state = "nothing" if told.state == NOTHING_BLOCKS else told.state.removeprefix("blocks: ")
    return [
        ("Left out", told.left_out),
        ("Blocks", state),
        ("Exceptions", f"{told.exceptions}: see waivers and attestations" if told.exceptions else ""),
        ("Remarks", f"{told.remarks}: recommendations not met, no reason to refuse" if told.remarks else ""),
    ]


def _lab(run: Run) -> str:
    if run.lab is None:
        return ""
    scenario = f", scenario {safe(run.scenario)}" if run.scenario else ""
    return (
        '<div class="lab" role="note"><strong>LAB</strong>'
        f"<p>Simulated site {safe(run.lab)}{scenario}. No real host was asked. Not to be signed.</p></div>\n"
    )
