"""The rules of a change request against brute force, over generated sites: all that is needed, nothing that is not."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from change_sites import Site, site_of
from generated import case, run_of

from preflight.report.change.merge import fewest_boxes
from preflight.report.change.needs import End
from preflight.report.change.places import Place
from preflight.report.change.relation import Relation
from preflight.report.change.rules import Rule, change_request
from preflight.run.model import Run
from preflight.values.outcome import Outcome, ShutPort, Verdict

Way = tuple[str, str, str, int]  # source address, destination address, protocol, port
SITES, BLOCKS = 240, 12


def addresses(places: tuple[Place, ...], run: Run) -> set[str]:
    """The machines that a rule's end lets through: of a network that stands for them, all of the inventory in it."""
    found: set[str] = set()
    for place in places:
        if place.whole:
            found |= {host.address for host in run.hosts if host.network == place.network}
        else:
            found |= {end.address for end in place.ends}
    return found


def opened(rule: Rule, run: Run) -> set[Way]:
    """Every way that a rule opens from one machine to another."""
    return {
        (source, destination, rule.protocol, port)
        for source in addresses(rule.sources, run)
        for destination in addresses(rule.destinations, run)
        for first, last in rule.ports
        for port in range(first, last + 1)
        if source != destination
    }


def ways_of(site: Site) -> tuple[dict[str, set[Way]], set[Way]]:
    """By failed case what must be opened, and all that the plan asks for; read from the plan, not from the request."""
    address = {host.name: host.address for host in site.run.hosts}
    results = {case.id: case for case in site.run.cases}
    needed: dict[str, set[Way]] = {}
    asked: set[Way] = set()
    for planned in site.plan:
        result = results[planned.id]
        if (
            planned.protocol is None
            or planned.restricted
            or planned.not_applicable
            or result.standing is Outcome.WAIVED
        ):
            continue
        if planned.source is None or planned.destination is None:
            continue
        askers = {planned.source} | {p.source for p in planned.probes if not p.broadcast}
        shut = {s.port for s in result.shut}
        whole = {port for first, last in planned.spans for port in range(first, last + 1)}

        pairs = [(address[a], address[planned.destination]) for a in askers if a != planned.destination]
        asked |= {(*pair, str(planned.protocol), p) for pair in pairs for p in whole or set(planned.ports) | shut}
        if shut:
            needed[planned.id] = {(*pair, str(planned.protocol), p) for pair in pairs for p in whole or shut}
    return needed, asked


@pytest.mark.parametrize("block", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, BLOCKS))])
def test_rules_against_brute_force(block: int, tmp_path: Path) -> None:
    for seed in range(block * SITES // BLOCKS, (block + 1) * SITES // BLOCKS):
        site = site_of(seed, tmp_path)
        needed, asked = ways_of(site)
        request = change_request(site.run)
        open_ = set().union(*(opened(rule, site.run) for rule in request.rules))
        assert set().union(*needed.values()) <= open_, f"site {seed}: something that failed stays shut"
        assert open_ <= asked, f"site {seed}: something is opened that nobody asks for"
        assert len(request.rules) <= bound(site, needed, asked), f"site {seed}"
        # Not so for any site that can be thought of (see below), but for each of these.
        assert len(request.rules) <= len(triples_of(site, needed)), f"site {seed}"
        told = {id_ for rule in request.rules for id_ in rule.cases}
        assert told == set(needed), f"site {seed}: a rule names its cases"


def triples_of(site: Site, needed: dict[str, set[Way]]) -> dict[tuple[str, str, str], list[str]]:
    """Failed cases by row, source network and destination network."""
    network = {host.name: host.network or "" for host in site.run.hosts}
    triples: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for planned in site.plan:
        if planned.id in needed:
            triples[planned.row, network[planned.source or ""], network[planned.destination or ""]].append(planned.id)
    return triples


def bound(site: Site, needed: dict[str, set[Way]], asked: set[Way]) -> int:
    """One rule a triple. Where the pairs that are asked for are no full product one rule cannot hold them, as for
    printers that are served by one server each: then one for each source, or each destination."""
    total = 0
    for ids in triples_of(site, needed).values():
        ways = set().union(*(needed[id_] for id_ in ids))
        sources, destinations, ports = {w[0] for w in ways}, {w[1] for w in ways}, {w[2:] for w in ways}
        product = {(s, d, *p) for s in sources for d in destinations for p in ports if s != d}
        total += 1 if product <= asked else min(len(sources), len(destinations)) * len(ports)
    return total


def test_least_of_tiny_relations() -> None:
    """Against all coverings of relations of three machines, three machines and two stretches of ports."""
    dice, worse = random.Random(6), 0  # noqa: S311
    for _ in range(150):
        allowed = {(s, d): dice.choice((0, 1, 2, 3, 3)) for s in range(3) for d in range(3, 6)}
        required = {pair: bits & dice.choice((0, 1, 2, 3)) for pair, bits in allowed.items()}
        ends = [(End(str(n), f"10.0.0.{n}"),) for n in range(6)]
        start = [{pair: bits} for pair, bits in required.items() if bits]
        relation = Relation(ends, [80, 81, 82], {p: b for p, b in required.items() if b}, allowed, start)
        found, least = fewest_boxes(relation), least_boxes(required, allowed)
        assert least <= len(found) <= least + 1
        worse += len(found) > least
    assert worse <= 2


def least_boxes(required: dict[tuple[int, int], int], allowed: dict[tuple[int, int], int]) -> int:
    """The smallest number of boxes inside `allowed` that hold `required`, by trying all."""
    wanted = frozenset((s, d, p) for (s, d), bits in required.items() for p in (1, 2) if bits & p)
    some = [set(c) for n in (1, 2, 3) for c in combinations(range(3), n)]
    boxes = {
        frozenset((s, d + 3, p) for s in sources for d in to for p in ports) & wanted
        for sources in some
        for to in some
        for ports in ((1,), (2,), (1, 2))
        if all(allowed[s, d + 3] & p for s in sources for d in to for p in ports)
    }
    useful = [box for box in boxes if not any(box < other for other in boxes)]
    return next(n for n in range(10) if any(frozenset().union(*some) == wanted for some in combinations(useful, n)))


def test_what_cannot_be_one_rule() -> None:
    """Two printers of one network, each with a server of its own: one rule would open what nobody asks for."""
    shut = (ShutPort("tcp", 5012, "10.1.1.11", ("network",)),), (ShutPort("tcp", 5012, "10.1.1.12", ("network",)),)
    pairs = [("mfp1", "cml1"), ("mfp2", "cml2")]
    cases = [case("S04", *pair, ports=(5012,)) for pair in pairs]
    run = run_of([(c, Verdict(Outcome.FAILED, "shut", shut=s)) for c, s in zip(cases, shut, strict=True)])
    rules = change_request(run).rules
    assert [rule.cases for rule in rules] == [(c.id,) for c in cases]
