"""Lays rulings over verdicts: which one covers a case, what one that does not count has to say, what each of them did.

Pure: the same cases, verdicts, rulings and day give the same. What was observed is never replaced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from preflight.rulings.model import Ruling, Rulings
from preflight.values.case import Case
from preflight.values.outcome import Outcome, Verdict

State = Literal["used", "unneeded", "overruled", "expired", "no case"]


@dataclass(frozen=True, slots=True)
class Use:
    """What one ruling did in a run. `cases`: how many it lies over.

    used: it lies over something. unneeded: all of its cases were run, and none of them blocks. overruled: some of its
    cases block, but a ruling that fits them closer lies over them, or it is a person's word against an observed
    failure. expired: its last day is over. no case: none of its cases was run, or not all of them and none blocks.
    """

    ruling: Ruling
    state: State
    cases: int
    denied: int = 0  # attestations: how many others of its cases were observed to fail, and are covered by nothing


@dataclass(frozen=True, slots=True)
class Overlay:
    """The rulings of a whole run."""

    laid_over: dict[str, str]  # case id -> ruling id
    denied: dict[str, tuple[str, ...]]  # case id -> attestations that are for it, and it was observed to fail
    uses: tuple[Use, ...]


def ruling_over(rulings: Rulings, case: Case, outcome: Outcome, today: date) -> Ruling | None:
    """The ruling that lies over a case of that outcome: of those in force the one that fits it closest."""
    return _closest(rulings.meeting(case), case, outcome, today) if outcome.blocks else None


def _closest(mine: list[Ruling], case: Case, outcome: Outcome, today: date) -> Ruling | None:
    may = [ruling for ruling in mine if ruling.in_force(today) and ruling.may_cover(outcome)]
    return max(may, key=lambda ruling: ruling.closeness(case), default=None)


def told(rulings: Rulings, case: Case, verdict: Verdict, today: date) -> Verdict:
    """The verdict, of a case that still blocks with a word on each ruling that is for it and does not count."""
    if not verdict.outcome.blocks or not rulings.all:
        return verdict
    mine = rulings.meeting(case)
    if any(r.in_force(today) and r.may_cover(verdict.outcome) for r in mine):
        return verdict
    mine = rulings.of(case)
    expired = [f"{r.title} expired on {r.until}" for r in mine if r.may_cover(verdict.outcome)]
    denied = [
        f"{r.title} does not count here: the failure was observed, and a person's word covers only what was not"
        for r in mine
        if r.in_force(today)
    ]
    return replace(
        verdict,
        reason="; ".join([*expired[:1], verdict.reason]),
        findings=(*verdict.findings, *expired[1:], *denied),
    )


def overlay(rulings: Rulings, judged: Iterable[tuple[Case, Verdict | None]], today: date) -> Overlay:
    """What lies over which case, and what each ruling did; a verdict of None: the case was not run."""
    laid_over: dict[str, str] = {}
    denied: dict[str, tuple[str, ...]] = {}
    met: dict[str, set[Outcome]] = {ruling.id: set() for ruling in rulings.all}
    for case, verdict in judged if rulings.all else ():
        outcome = verdict.outcome if verdict else Outcome.NOT_RUN
        mine = rulings.meeting(case)
        for ruling in mine:
            met[ruling.id].add(outcome)
        over = _closest(mine, case, outcome, today)
        if over is not None:
            laid_over[case.id] = over.id
        if outcome is Outcome.FAILED and (
            words := [r.id for r in mine if r.kind == "attestation" and r.in_force(today)]
        ):
            denied[case.id] = tuple(words)
    over_cases = Counter(laid_over.values())
    not_over = Counter(name for case_id, names in denied.items() if case_id not in laid_over for name in names)
    uses = tuple(
        Use(r, _state(r, met[r.id], over_cases[r.id], today), over_cases[r.id], not_over[r.id]) for r in rulings.all
    )
    return Overlay(laid_over, denied, uses)


def _state(ruling: Ruling, met: set[Outcome], cases: int, today: date) -> State:
    if not ruling.in_force(today):
        return "expired"
    if cases:
        return "used"
    if any(outcome.blocks for outcome in met):
        return "overruled"
    return "no case" if not met or Outcome.NOT_RUN in met else "unneeded"
