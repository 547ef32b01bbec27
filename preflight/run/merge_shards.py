"""Runs of one site that each looked at a part of it (--hosts, --row), put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from preflight.run.build import NOT_BUILT
from preflight.run.merge_rulings import unite_rulings
from preflight.run.model import CaseResult, Run
from preflight.run.model_rulings import RulingResult
from preflight.run.model_site import CertificateResult, HostResult, NetworkResult
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

_TOLD = 20  # conflicts in the notes
_Piece = TypeVar("_Piece")


@dataclass(frozen=True, slots=True)
class SiteUnion:
    """What the shards of one site give together. `origin`: case id -> which of the runs the result is from."""

    runs: tuple[Run, ...]  # oldest first
    cases: tuple[CaseResult, ...]
    origin: dict[str, int]
    hosts: tuple[HostResult, ...]
    networks: tuple[NetworkResult, ...]
    certificates: tuple[CertificateResult, ...]
    rulings: tuple[RulingResult, ...]
    notes: tuple[str, ...]
    full: bool

    @property
    def customer(self) -> str:
        """Whose site it is."""
        return self.runs[0].customer

    @property
    def site(self) -> str:
        """The site's name."""
        return self.runs[0].site


def unite(runs: Sequence[Run], now: datetime) -> SiteUnion:
    """One site's runs, oldest first. Each case once, from the latest run that ran it; not run only if none did.

    Waivers and attestations count as of `now`, see `unite_rulings`, which also tells when RecordingError is raised.
    """
    found: dict[str, list[tuple[int, CaseResult]]] = {}
    for number, run in enumerate(runs):
        for case in run.cases:
            found.setdefault(case.id, []).append((number, case))
    cases, origin, conflicts = [], {}, []
    for name, results in found.items():
        ran = [(number, case) for number, case in results if case.outcome is not Outcome.NOT_RUN]
        number, case = (ran or results)[-1]
        cases.append(case)
        origin[name] = number
        if len({other.standing for _, other in ran}) > 1:
            told = ", ".join(f"{other.standing.value} in {runs[i].run_id}" for i, other in ran)
            conflicts.append(f"{name}: {told}; the latest counts")
    ruled = unite_rulings(runs, cases, now)
    return SiteUnion(
        runs=tuple(runs),
        cases=ruled.cases,
        origin=origin,
        hosts=_latest((host for run in runs for host in run.hosts), lambda h: h.name, lambda h: h.reached is not None),
        networks=_latest((network for run in runs for network in run.networks), lambda n: n.name),
        certificates=_latest((shown for run in runs for shown in run.certificates), _shown_as),
        rulings=ruled.rulings,
        notes=(*dict.fromkeys(note for run in runs for note in run.notes), *ruled.notes, *_some(conflicts)),
        full=_full(runs, cases),
    )


def _full(runs: Sequence[Run], cases: Sequence[CaseResult]) -> bool:
    """Whether nothing is left out: what no shard ran is what this version cannot run, or was not run in a full one."""
    known = {case.id for run in runs if run.full for case in run.cases}
    left_out = [
        case
        for case in cases
        if case.outcome is Outcome.NOT_RUN and case.id not in known and not case.reason.startswith(NOT_BUILT)
    ]
    rows = {row.id for run in runs for row in run.rows}
    return not left_out and rows <= {case.row for case in cases}


def _shown_as(one: CertificateResult) -> tuple[object, ...]:
    """A newer certificate of a port takes the older one's place; what only machines of the site saw stands beside."""
    return one.host, one.address, one.port, one.service, one.here, () if one.here else one.nodes


def _latest(
    pieces: Iterable[_Piece], key: Callable[[_Piece], object], better: Callable[[_Piece], bool] = lambda _: True
) -> tuple[_Piece, ...]:
    """Each piece once, in the order of its first; the last one that is `better` counts, else the last."""
    kept: dict[object, _Piece] = {}
    for piece in pieces:
        name = key(piece)
        if name not in kept or better(piece) or not better(kept[name]):
            kept[name] = piece
    return tuple(kept.values())


def _some(conflicts: list[str]) -> list[str]:
    more = len(conflicts) - _TOLD
    return [
        *conflicts[:_TOLD],
        *([f"{counted(more, 'more case')} came out differently in several runs"] if more > 0 else []),
    ]
