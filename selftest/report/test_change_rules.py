"""The rules of a change request against brute force, over generated sites: all that is needed, nothing that is not."""

from __future__ import annotations

import random
from collections import defaultdict
from ipaddress import ip_address, ip_network
from itertools import combinations
from pathlib import Path

import pytest
from change_sites import Site, site_of
from generated import HOSTS, case, head, run_of

from preflight.report.change.merge import fewest_boxes
from preflight.report.change.needs import End
from preflight.report.change.places import Place
from preflight.report.change.relation import Relation
from preflight.report.change.rules import Rule, change_request
from preflight.run.build import build_run
from preflight.run.model import Run
from preflight.run.model_site import HostResult, NetworkResult
from preflight.values.outcome import Outcome, ShutPort, Verdict

Way = tuple[str, str, str, int]  # source address, destination address, protocol, port
SITES, BLOCKS = 240, 12


def addresses(places: tuple[Place, ...], run: Run) -> set[str]:
    """The machines that a rule's end lets through, as a firewall reads what is written: whose address lies in it,
    whatever network they are told to be in."""
    found: set[str] = set()
    for text in (text for place in places for text in place.addresses):
        first, _, last = text.partition("-")
        net = ip_network(first)
        edges = (int(net[0]), int(ip_address(last)) if last else int(net[-1]))
        found |= {host.address for host in run.hosts if edges[0] <= int(ip_address(host.address)) <= edges[1]}
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
        wanted = set(planned.chosen or planned.ports)
        pairs = [(address[a], address[planned.destination]) for a in askers if a != planned.destination]
        asked |= {(*pair, str(planned.protocol), p) for pair in pairs for p in whole or wanted | shut}
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


def host(name: str, role: str, address: str, network: str) -> HostResult:
    """A machine that nobody asked."""
    return HostResult(name=name, roles=(role,), address=address, site="hq", network=network, managed_by=None, system="")


@pytest.mark.parametrize(
    ("other", "beside", "written"),
    [
        ("10.2.5.0/24", "10.2.5.9", "10.2.0.101"),  # a network inside, with a server in it
        ("10.2.5.0/24", "10.9.0.9", "10.2.0.101"),  # none of its machines is known: the network is not asked for
        ("10.2.0.0/16", "10.9.0.9", "10.2.0.101"),  # the same addresses under another name
        ("10.9.0.0/24", "10.2.5.9", "10.2.0.101"),  # a machine told to be elsewhere has an address in it
        ("10.0.0.0/8", "10.9.0.9", "10.2.0.0/16"),
        ("10.9.0.0/24", "10.9.0.9", "10.2.0.0/16"),
        ("no network", "no address", "10.2.0.0/16"),
    ],
)
def test_a_network_stands_for_its_machines_only_where_nothing_else_lies_in_it(
    other: str, beside: str, written: str
) -> None:
    shut = (ShutPort("tcp", 5012, "10.1.1.11", ("network",)),)
    cidrs = {"users": "10.2.0.0/16", "other": other, "servers": "10.1.1.0/24"}
    run = build_run(
        head(),
        [(case("I10", "ws1", "cml1", ports=(5012,)), Verdict(Outcome.FAILED, "shut", shut=shut))],
        hosts=[
            host("cml1", "cml", "10.1.1.11", "servers"),
            host("ws1", "workstation", "10.2.0.101", "users"),
            host("db9", "db", beside, "other"),
        ],
        row_ids=["I10"],
        networks=[NetworkResult(name=n, cidr=c, site="hq", vantage=None) for n, c in cidrs.items()],
    )
    (rule,) = change_request(run).rules
    assert [place.addresses for place in rule.sources] == [(written,)]


def test_a_port_that_the_site_does_not_use_is_not_asked_for() -> None:
    """Three ways to 80 are shut; the fourth pair has a slash row of which the site uses 443 alone."""
    pairs = [("mfp2", "cml1"), ("mfp1", "cml2"), ("mfp2", "cml2")]
    judged = [
        (case("S04", *pair, ports=(80,)), Verdict(Outcome.FAILED, "shut", shut=(shut_port(pair[1], 80),)))
        for pair in pairs
    ]
    slash = case("P05", "mfp1", "cml1", ports=(80, 443), notation="slash", chosen=(443,))
    run = run_of([*judged, (slash, Verdict(Outcome.PASSED, "443 is open"))])
    opened_ = set().union(*(opened(rule, run) for rule in change_request(run).rules))
    assert opened_ == {(HOSTS[s], HOSTS[d], "tcp", 80) for s, d in pairs}


def shut_port(destination: str, port: int) -> ShutPort:
    """That port of that machine, shut by the network."""
    return ShutPort("tcp", port, HOSTS[destination], ("network",))
