"""Puts failing flows together: machines of one box that fail towards the same machines of one box are one way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from preflight.report.picture.scene import Pair, Way
from preflight.run.model import CaseResult, Run
from preflight.values.outcome import Outcome

MOST_WAYS = 12  # that are drawn; what is beyond is told only
Blocking = Mapping[tuple[Outcome, str, str], list[CaseResult]]
_Bundle = tuple[tuple[int, ...], tuple[int, ...], list[Pair]]  # sources, destinations, pairs


def blocking_cases(run: Run) -> dict[tuple[Outcome, str, str], list[CaseResult]]:
    """Failed and unverified flows by standing, who asks, who is asked; what a ruling lies over does not block."""
    found: dict[tuple[Outcome, str, str], list[CaseResult]] = {}
    for case in run.cases:
        if case.standing.blocks and case.source is not None and case.destination is not None:
            found.setdefault((case.standing, case.source, case.destination), []).append(case)
    return found


def ways_of(blocking: Blocking, home: Mapping[str, tuple[int, int]]) -> tuple[Way, ...]:
    """Failed ones first, those of more cases before others; `home`: machine -> keys of its box and its node.

    Each way means every source to every destination, unless that makes too many to draw: then all of two boxes are one.
    """
    pairs: dict[tuple[Outcome, int, int], list[Pair]] = {}
    for standing, source, destination in blocking:
        pairs.setdefault((standing, home[source][0], home[destination][0]), []).append((source, destination))
    exact = [(key, bundle) for key, found in pairs.items() for bundle in _exact(found, home)]
    if len(exact) > MOST_WAYS:
        exact = [(key, _all(found, home)) for key, found in pairs.items()]
    ways = [_way(key[0], bundle, blocking, home) for key, bundle in exact]
    ways.sort(key=lambda way: (way.standing is not Outcome.FAILED, -way.cases, way.sources, way.destinations))
    return tuple(replace(way, number=n, drawn=n <= MOST_WAYS) for n, way in enumerate(ways, 1))


def _exact(pairs: list[Pair], home: Mapping[str, tuple[int, int]]) -> list[_Bundle]:
    """Sources with the same destinations together."""
    reached: dict[int, set[int]] = {}
    for source, destination in pairs:
        reached.setdefault(home[source][1], set()).add(home[destination][1])
    alike: dict[tuple[int, ...], list[int]] = {}
    for node, destinations in reached.items():
        alike.setdefault(tuple(sorted(destinations)), []).append(node)
    return [
        (tuple(sorted(sources)), reached_by, [pair for pair in pairs if home[pair[0]][1] in sources])
        for reached_by, sources in alike.items()
    ]


def _all(pairs: list[Pair], home: Mapping[str, tuple[int, int]]) -> _Bundle:
    sources = sorted({home[source][1] for source, _ in pairs})
    return tuple(sources), tuple(sorted({home[destination][1] for _, destination in pairs})), pairs


def _way(standing: Outcome, bundle: _Bundle, blocking: Blocking, home: Mapping[str, tuple[int, int]]) -> Way:
    sources, destinations, pairs = bundle
    cases = [case for pair in pairs for case in blocking[(standing, *pair)]]
    drawn = {(home[source][1], home[destination][1]) for source, destination in pairs}
    return Way(
        number=0,
        standing=standing,
        sources=sources,
        destinations=destinations,
        pairs=tuple(sorted(pairs)),
        rows=tuple(sorted({case.row for case in cases})),
        ports=tuple(sorted({(case.protocol or "", port) for case in cases for port in case.ports})),
        cases=len(cases),
        whole=len(drawn) == len(sources) * len(destinations),
        drawn=False,
    )
