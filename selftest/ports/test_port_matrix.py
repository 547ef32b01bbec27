"""The port matrix against the plan: the same flows, no more and no fewer, on every generated site."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from change_sites import shipped, topology_of

from preflight.plan.build import build_plan
from preflight.ports.lines import products
from preflight.ports.matrix import port_matrix
from preflight.ports.model import Line, Matrix
from preflight.topology.loader import load_inventory
from preflight.topology.model import Topology

Flow = tuple[str, str, str, int]  # row, source, destination, port
SITE: dict[str, Any] = {
    "customer": "Example",
    "site": "Example",
    "manage": {"by": "ssh", "user": "root"},
    "networks": {"servers": {"cidr": "10.1.1.0/24"}, "mfps": {"cidr": "10.2.0.0/16", "vantage": "v1"}},
    "hosts": {
        "cml1": {"roles": ["cml"], "address": "10.1.1.11"},
        "cml2": {"roles": ["cml"], "address": "10.1.1.12"},
        "v1": {"roles": ["vantage"], "address": "10.2.255.2"},
        "ws1": {"roles": ["workstation"], "address": "10.9.0.1"},
    },
    "features": {"cluster": True},
}


def matrix_of(folder: Path, **changes: Any) -> Matrix:
    """The matrix of the small site with those keys changed."""
    file = folder / "inventory.yaml"
    file.write_text(json.dumps(SITE | changes), "utf-8")
    return port_matrix(shipped(), load_inventory(file))


def planned(topology: Topology) -> set[Flow]:
    """What the plan asks from one machine to another, ports that have a number."""
    found = set()
    for case in build_plan(shipped(), topology):
        if case.protocol is None or case.restricted or case.not_applicable or case.source == case.destination:
            continue
        if case.source is None or case.destination is None:
            continue
        whole = [port for first, last in case.spans for port in range(first, last + 1)]
        ports = whole or case.chosen or case.ports
        found |= {(case.row, case.source, case.destination, port) for port in ports}
    return found


def drawn(lines: Iterable[Line]) -> list[Flow]:
    """What the lines let through."""
    return [
        (line.row, source.name, destination.name, port)
        for line in lines
        for source in line.source.machines
        for destination in line.destination.machines
        if source.name != destination.name
        for first, last in line.ports
        for port in range(first, last + 1)
    ]


@pytest.mark.parametrize("block", range(6))
def test_what_is_drawn_is_what_is_asked(block: int, tmp_path: Path) -> None:
    for seed in range(block * 10, block * 10 + 10):
        topology = topology_of(seed, tmp_path)
        matrix = port_matrix(shipped(), topology)
        flows = drawn(matrix.lines)
        assert set(flows) == planned(topology), f"site {seed}"
        assert len(flows) == len(set(flows)), f"site {seed}: told twice"
        told = [*matrix.lines, *matrix.within, *matrix.open_questions, *matrix.absent]
        assert {one.row for one in told} == {row.id for row in shipped().flows}, f"site {seed}: a row is lost"
        for line in matrix.lines:
            inside = {m.network for m in (*line.source.machines, *line.destination.machines)}
            assert len({m.network for m in line.source.machines}) == 1
            assert line.zone.crosses is (None if None in inside else len(inside) > 1)


@pytest.mark.slow
def test_a_fleet_is_told_by_network(tmp_path: Path) -> None:
    printers = [
        {"name": f"mfp{n}", "address": f"10.2.{n // 200}.{n % 200 + 1}", "vendor": "ricoh", "delivery": "raw"}
        for n in range(2000)
    ]
    matrix = matrix_of(tmp_path, printers=printers)
    (line,) = [line for line in matrix.lines if line.row == "P01"]
    assert line.destination.text == "2,000 printers in mfps (10.2.0.0/16)"
    assert line.flows == 4000
    assert len(matrix.lines) < 40


def test_inside_one_network_only_the_hosts_own_firewalls(tmp_path: Path) -> None:
    (line,) = [line for line in matrix_of(tmp_path).lines if line.row == "I01"]
    assert (line.zone.title, line.zone.crosses) == ("inside servers (10.1.1.0/24)", False)
    assert [m.name for m in line.source.machines] == [m.name for m in line.destination.machines] == ["cml1", "cml2"]


def test_a_network_that_nobody_named_is_not_known(tmp_path: Path) -> None:
    (line,) = [line for line in matrix_of(tmp_path).lines if line.row == "W01"]
    assert line.zone.crosses is None
    assert line.source.text == "users' machines outside the inventory's networks; tested from ws1"


def test_the_stand_in_is_named(tmp_path: Path) -> None:
    printers = [{"name": "mfp1", "address": "10.2.0.1", "vendor": "ricoh", "terminal": "ricoh"}]
    lines = matrix_of(tmp_path, printers=printers).lines
    assert {line.asked_from for line in lines if line.source.devices} == {("v1",)}
    assert {line.asked_from for line in lines if not line.source.devices} == {()}


def test_ports_that_have_no_number_yet_are_to_be_settled(tmp_path: Path) -> None:
    features = {"cluster": True, "scan": {"ftp": {"mode": "passive"}}}
    printers = [{"name": "mfp1", "address": "10.2.0.1", "vendor": "ricoh", "terminal": "ricoh"}]
    matrix = matrix_of(tmp_path, features=features, printers=printers)
    (remark,) = [remark for remark in matrix.open_questions if remark.row == "S15"]
    assert "features.scan.ftp.passive_ports" in remark.text
    assert [line.ports for line in matrix.lines if line.row == "S15"] == [()]


def test_what_nobody_asks_is_to_be_settled_with_its_port(tmp_path: Path) -> None:
    spoolers = [f"ors{n}" for n in range(10)]
    hosts = SITE["hosts"] | {n: {"roles": ["ors"], "address": f"10.1.1.{i + 50}"} for i, n in enumerate(spoolers)}
    features = {"ors": True, "near_roaming": [{"name": "big", "members": spoolers, "size": 10}]}
    told = [r.text for r in matrix_of(tmp_path, hosts=hosts, features=features).open_questions if r.row == "I08"]
    assert told[1] == "the port is to be said in the inventory (ports.I08)"
    assert "multicast" in told[0]
    told = matrix_of(tmp_path, hosts=hosts, features=features, ports={"I08": 4567}).open_questions
    (remark,) = [remark for remark in told if remark.row == "I08"]
    assert remark.what.endswith(", UDP 4567")


def test_whole_ranges_and_chosen_ports(tmp_path: Path) -> None:
    features = {"cluster": True, "scan": {"ftp": {"mode": "passive", "passive_ports": "50000-50999"}}}
    printers = [{"name": "mfp1", "address": "10.2.0.1", "vendor": "ricoh", "terminal": "ricoh"}]
    lines = matrix_of(tmp_path, features=features, printers=printers, ports={"W01": 443}).lines
    texts = {line.row: line.ports_text for line in lines}
    assert texts["S15"] == "50000-50999"
    assert texts["W01"] == "443"


def test_what_must_stay_shut_names_who_may(tmp_path: Path) -> None:
    matrix = matrix_of(tmp_path)
    (closed,) = [c for c in matrix.closed if c.row == "I10" and c.destinations == ("cml2",)]
    assert closed.allowed == ("cml1",)
    assert closed.against == "users' machines"
    assert not [line for line in matrix.lines if line.level == "recommended" and line.row == "I10"]


def test_the_way_of_the_tests_themselves(tmp_path: Path) -> None:
    hosts = SITE["hosts"] | {
        "cml1": {
            "roles": ["cml"],
            "address": "10.1.1.11",
            "manage": {"by": "winrm", "user": "x", "password": {"env": "X"}, "address": "192.0.2.1"},
        }
    }
    access = matrix_of(tmp_path, hosts=hosts).access
    assert [(a.what, a.port, [m.name for m in a.machines]) for a in access if a.network == "servers"] == [
        ("WinRM", 5985, ["cml1"]),
        ("SSH", 22, ["cml2"]),
    ]


@pytest.mark.parametrize(
    ("pairs", "lines"),
    [
        ({"a": {"x", "y"}, "b": {"x", "y"}}, 1),
        ({"a": {"b", "c"}, "b": {"a", "c"}, "c": {"a", "b"}}, 1),
        ({"a": {"x"}, "b": {"x"}, "c": {"x", "y"}}, 2),
        ({"a": {"x"}, "b": {"y"}}, 2),
        ({"a": {"b"}}, 1),
    ],
)
def test_products(pairs: dict[str, set[str]], lines: int) -> None:
    found = products(pairs)
    assert {(s, d) for sources, to in found for s in sources for d in to if s != d} == {
        (s, d) for s, to in pairs.items() for d in to
    }
    assert len(found) == lines
