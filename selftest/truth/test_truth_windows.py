"""SSH and WinRM hosts in one site: the same oracle, all pairs of kinds, few requests, nothing left at the endpoints."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from netlab import ground, windows
from netlab.lab import NetLab
from netlab.spec import LabHost, Rule
from truth import truth_oracle, truth_rules, truth_site
from truth.truth_runs import flows, run_suite, wrong_flows

REASON = ground.available() or windows.missing()
pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.skipif(REASON is not None, reason=str(REASON))]
MOST_OPERATIONS = 40  # a host a run, whatever the number of tests
# Two more, so that each way to be shut out stands between every pair of kinds.
RULES = [
    *truth_rules.MIXED,
    Rule("reject-rst", "branch1", "cml2", "tcp", (6010,)),
    Rule("drop", "printers2", "cml1", "tcp", (21,)),
]
WAYS = [  # what of these rules is asked of whom
    ("v1", "cml1", "drop"),
    ("cml1", "cml2", "drop"),
    ("v3", "cml1", "drop"),
    ("v1", "cml2", "reject-icmp"),
    ("cml2", "cml1", "reject-icmp"),
    ("ors1", "cml1", "reject-rst"),
    ("ors1", "cml2", "reject-rst"),
]
MEETINGS = [  # (asker, destination, state of a port there), of which both sites together make every pair of kinds
    ("ors1", "cml1", "before"),
    ("ors2", "cml1", "before"),
    ("ors1", "cml2", "installed"),
    ("ors2", "cml2", "installed"),
    ("ors1", "ors2", "dead"),
    ("ws1", "ors2", "dead"),
    ("ws1", "cml1", "taken"),
    ("ors2", "ors1", "taken"),
]
STATES = frozenset({"before", "installed", "dead", "taken"})
PAIRS = frozenset((a, b) for a in ("ssh", "winrm") for b in ("ssh", "winrm"))


@dataclass(frozen=True, slots=True)
class Site:
    """Which hosts pass for Windows, in which language."""

    name: str
    windows: frozenset[str]
    culture: str = ""


SITES = [
    Site("drawn", truth_site.WINDOWS),
    Site("swapped-czech", truth_site.MANAGED - truth_site.WINDOWS, "cs-CZ"),
]


@pytest.fixture(scope="module", params=SITES, ids=lambda site: site.name)
def site(request: pytest.FixtureRequest) -> Site:
    found: Site = request.param
    return found


@pytest.fixture(scope="module")
def lab(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetLab]:
    spec = truth_site.spec(site.windows, site.culture, prefix="trw")
    with NetLab(spec, tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def test_every_flow_is_right(lab: NetLab, site: Site, tmp_path: Path) -> None:
    lab.rules(RULES)
    before = {h: lab.winrm_counts(h) for h in site.windows}
    done, run = run_suite(truth_site.inventory(lab, tmp_path))
    asked = flows(run)
    wrong = wrong_flows(lab, asked)
    assert not wrong, json.dumps(wrong, indent=1)
    assert len(asked) > 200, done.stdout
    told = Counter(c["outcome"] for c in asked)
    assert min(told[o] for o in ("passed", "failed", "unverified", "advisory")) > 0, told
    assert seen_meetings(lab, asked) >= set(MEETINGS)
    assert seen_ways(lab, asked) >= set(WAYS)
    for host in sorted(site.windows):
        after = lab.winrm_counts(host)
        operations, requests = after.operations - before[host].operations, after.requests - before[host].requests
        print(f"{host}: {operations} operations, {requests} HTTP requests, {after.shells_ever} shells")
        assert 1 <= operations <= MOST_OPERATIONS, host
        assert after.shells_ever - before[host].shells_ever == 1, host
    assert left_over(lab, site) == {}


def left_over(lab: NetLab, site: Site) -> dict[str, Any]:
    """Hosts with anything of ours on them, or with an open shell."""
    found: dict[str, Any] = {h: lab.leftovers(h) for h in sorted(truth_site.MANAGED) if lab.leftovers(h)}
    for host in site.windows:
        counts = lab.winrm_counts(host)
        if counts.shells_open or counts.commands_running:
            found[host] = counts
    return found


def seen_meetings(lab: NetLab, asked: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """(asker, destination, state of the port there) of all flows."""
    return {(a, b, state(lab.spec.host(b), protocol, port)) for a, b, protocol, port in ends(asked)}


def seen_ways(lab: NetLab, asked: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """(asker, destination, what the rules do) of all flows."""
    return {(a, b, lab.expected(a, b, protocol, port)) for a, b, protocol, port in ends(asked)}


def ends(asked: list[dict[str, Any]]) -> list[tuple[str, str, str, int]]:
    """Asker, destination, protocol and port of all flows."""
    return [(c["stand_in"] or c["source"], c["destination"], c["protocol"], port) for c in asked for port in c["ports"]]


def state(there: LabHost, protocol: str, port: int) -> str:
    """Of a product's port at its destination."""
    if truth_oracle.holder(there, protocol, port) is None:
        return "dead" if there.installed else "before"
    return "installed" if truth_oracle.product(there, protocol, port) else "taken"


def kinds_of(site: Site) -> dict[str, str]:
    """How each host that can be managed is managed."""
    return {name: "winrm" if name in site.windows else "ssh" for name in truth_site.MANAGED}


def test_the_sites_together_show_every_pair_of_kinds() -> None:
    kinds = [kinds_of(site) for site in SITES]
    meetings = {(each[a], each[b], state) for each in kinds for a, b, state in MEETINGS}
    assert meetings == {(*pair, state) for pair in PAIRS for state in STATES}
    ways = {(each[a], each[b], way) for each in kinds for a, b, way in WAYS}
    assert ways == {(*pair, way) for pair in PAIRS for way in ("drop", "reject-icmp", "reject-rst")}
    assert all(len(site.windows) >= 3 for site in SITES)


def test_broadcast_between_the_kinds(lab: NetLab, tmp_path: Path) -> None:
    lab.rules([])
    _, run = run_suite(truth_site.inventory(lab, tmp_path), "--row=P05")
    cases = {c["id"]: c for c in run["cases"]}
    assert cases["P05:cml1>tp2"]["outcome"] == "passed", cases["P05:cml1>tp2"]
    assert "v2 heard the broadcast from 10.77.1.11" in cases["P05:cml1>tp2"]["seen"]
