"""Rows and columns of the flow matrix: single machines, or groups of like ones where a site has many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from preflight.report.kinds import CORE, DEVICES, kind_of, machines_of, main_role, role_words
from preflight.run.model import CaseResult, Run
from preflight.run.model_site import HostResult

MOST_ENDS = 40  # rows, and columns: what an A4 page in landscape still shows

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class End:
    """A row or a column: one machine, or like machines of one place."""

    label: str
    place: str  # network, or site, or nothing
    members: tuple[str, ...]  # names, in the inventory's order


@dataclass(frozen=True, slots=True)
class Matrix:
    """The flows of a run by who asks and who is asked; both numbers count `sources` and `destinations`."""

    sources: tuple[End, ...]
    destinations: tuple[End, ...]
    cells: Mapping[tuple[int, int], tuple[CaseResult, ...]]
    unpaired: tuple[CaseResult, ...]  # flow cases without two machines, as rows that do not apply to the site


def is_flow(case: CaseResult) -> bool:
    """Whether the case is about a way between machines, not an item of the checklist."""
    return case.protocol is not None or case.source is not None


def matrix_of(run: Run) -> Matrix:
    """Every flow case of the run, once."""
    flows = [case for case in run.cases if is_flow(case)]
    pairs = [(case.source, case.destination, case) for case in flows]
    machines = machines_of(run)
    asking = _ordered((s for s, d, _ in pairs if s is not None and d is not None), machines)
    asked = _ordered((d for s, d, _ in pairs if s is not None and d is not None), machines)
    key = _grouping(asking, asked, machines)
    sources, from_ = _ends(asking, key, machines)
    destinations, to = _ends(asked, key, machines)
    cells: dict[tuple[int, int], list[CaseResult]] = {}
    unpaired = []
    for source, destination, case in pairs:
        if source is None or destination is None:
            unpaired.append(case)
        else:
            cells.setdefault((from_[source], to[destination]), []).append(case)
    return Matrix(sources, destinations, {at: tuple(cells[at]) for at in sorted(cells)}, tuple(unpaired))


def _ordered(names: Iterable[str], machines: Mapping[str, HostResult]) -> list[str]:
    wanted = set(names)
    return [name for name in machines if name in wanted]


def _grouping(asking: list[str], asked: list[str], machines: Mapping[str, HostResult]) -> Callable[[HostResult], _Key]:
    """The finest of our groupings that leaves few enough rows and columns; the last one always does."""
    for key in _GROUPINGS:
        if all(len({key(machines[name]) for name in names}) <= MOST_ENDS for names in (asking, asked)):
            return key
    return _by_role


def _alone(host: HostResult) -> _Key:
    return ("machine", host.name)


def _by_role(host: HostResult) -> _Key:
    return ("role", main_role(host))


def _place(host: HostResult, network: bool) -> _Key:
    if network and host.network is not None:
        return ("network", host.network)
    return ("site", host.site)


def _devices_by(network: bool) -> Callable[[HostResult], _Key]:
    def key(host: HostResult) -> _Key:
        return (*_by_role(host), *_place(host, network)) if kind_of(host) in DEVICES else _alone(host)

    return key


def _all_but_core(host: HostResult) -> _Key:
    return _alone(host) if main_role(host) in CORE else (*_by_role(host), *_place(host, network=False))


def _by_site(host: HostResult) -> _Key:
    return (*_by_role(host), *_place(host, network=False))


# From fine to coarse: devices by their network, by their site, then other machines, then SafeQ's own servers.
_GROUPINGS = (_alone, _devices_by(network=True), _devices_by(network=False), _all_but_core, _by_site)


def _ends(
    names: list[str], key: Callable[[HostResult], _Key], machines: Mapping[str, HostResult]
) -> tuple[tuple[End, ...], dict[str, int]]:
    """The ends, and which of them each machine belongs to."""
    groups: dict[_Key, list[str]] = {}
    for name in names:
        groups.setdefault(key(machines[name]), []).append(name)
    ends, place_of = [], {}
    for number, (group, members) in enumerate(groups.items()):
        first = machines[members[0]]
        place = group[3] if len(group) > 2 else ""
        if len(members) == 1:
            end = End(members[0], first.network or first.site, tuple(members))
        else:
            end = End(f"{len(members)} {role_words(main_role(first), len(members))}", place, tuple(members))
        ends.append(end)
        place_of.update(dict.fromkeys(members, number))
    return tuple(ends), place_of
