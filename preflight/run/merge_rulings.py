"""Waivers and attestations of a site's runs, put together: only what the newest run has in force still counts."""

from __future__ import annotations

import zoneinfo
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from preflight.errors import RecordingError
from preflight.run.model import CaseResult, Run, moment_of
from preflight.run.model_rulings import RulingResult, RulingState
from preflight.values.counted import counted

_IDLE: tuple[RulingState, ...] = ("overruled", "unneeded", "no case")
# What a ruling did in one run, and where it stands: a line moves when somebody writes another ruling above it.
_NOT_CONTENT = {"state", "cases", "ends_in_days", "file"}


@dataclass(frozen=True, slots=True)
class RulingUnion:
    """The cases with what still counts over them, and the rulings that the newest run has."""

    cases: tuple[CaseResult, ...]
    rulings: tuple[RulingResult, ...]
    notes: tuple[str, ...]


def unite_rulings(runs: Sequence[Run], cases: Iterable[CaseResult], now: datetime) -> RulingUnion:
    """Hold what earlier runs laid over cases against the rulings of the newest (the last of `runs`) and the day `now`.

    A ruling that has expired by then, or that the newest run does not know any more, is taken off: what was observed
    stands again, and a note says so. RecordingError where one id means different rulings in two of the runs.
    """
    _refuse_changed(runs)
    newest = {ruling.id: _aged(ruling, runs[-1], now) for ruling in runs[-1].rulings}
    named = {ruling.id: ruling for run in runs for ruling in run.rulings}
    taken_off: Counter[str] = Counter()
    over: Counter[str] = Counter()
    kept = []
    for case in cases:
        if case.denied:
            still = tuple(name for name in case.denied if name in newest and _in_force(newest[name]))
            case = case.model_copy(update={"denied": still})
        if case.ruling is not None and not (case.ruling in newest and _in_force(newest[case.ruling])):
            taken_off[case.ruling] += 1
            kept.append(case.model_copy(update={"standing": case.outcome, "ruling": None}))
            continue
        if case.ruling is not None:
            over[case.ruling] += 1
        kept.append(case)
    told = {name: {r.state for run in runs for r in run.rulings if r.id == name} for name in newest}
    return RulingUnion(
        cases=tuple(kept),
        rulings=tuple(
            ruling.model_copy(update={"cases": over[name], "state": _state(ruling, told[name], over[name])})
            for name, ruling in newest.items()
        ),
        notes=tuple(_note(named[name], count, newest, runs[-1]) for name, count in taken_off.items()),
    )


def _refuse_changed(runs: Sequence[Run]) -> None:
    first: dict[str, tuple[Run, RulingResult]] = {}
    for run in runs:
        for ruling in run.rulings:
            other, known = first.setdefault(ruling.id, (run, ruling))
            mine, theirs = (each.model_dump(exclude=_NOT_CONTENT) for each in (ruling, known))
            if differs := [key for key, value in mine.items() if value != theirs[key]]:
                raise RecordingError(
                    f"{other.run_id} and {run.run_id}: ruling {ruling.id} is not the same in both ({known.file}, "
                    f"{ruling.file}; other {', '.join(differs)}): run the older part again"
                )


def _in_force(ruling: RulingResult) -> bool:
    return ruling.state != "expired" and ruling.ends_in_days >= 0


def _aged(ruling: RulingResult, run: Run, now: datetime) -> RulingResult:
    zone = _zone(run.timezone)
    left = ruling.ends_in_days - (_day(now, zone) - _day(moment_of(run), zone)).days
    return ruling.model_copy(update={"ends_in_days": left})


def _state(ruling: RulingResult, told: set[RulingState], cases: int) -> RulingState:
    if not _in_force(ruling):
        return "expired"
    if cases:
        return "used"
    # Where a run that counts no more used it alone, what it is for was asked again since, and does not block.
    return next((each for each in _IDLE if each in told), "unneeded")


def _note(ruling: RulingResult, cases: int, newest: dict[str, RulingResult], run: Run) -> str:
    what = f"{ruling.kind} {ruling.id} of {ruling.asked_by}"
    why = f"expired on {ruling.until}" if ruling.id in newest else f"is not there any more in {run.run_id}"
    return f"{what} {why}: {counted(cases, 'case counts', 'cases count')} as observed"


def _zone(name: str) -> tzinfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # the run was made on a machine that knows more zones than this one
        return UTC


def _day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()
