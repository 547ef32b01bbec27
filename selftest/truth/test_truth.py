"""The suite's ordinary command line against real kernels: every flow's outcome is what nftables was told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from netlab import ground
from netlab.lab import NetLab
from truth import truth_rules, truth_site
from truth.truth_runs import flows, run_suite, wrong_flows

from preflight.run.recorded import TIME_DEPENDENT

REASON = ground.available()
pytestmark = [pytest.mark.real, pytest.mark.skipif(REASON is not None, reason=str(REASON))]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetLab]:
    with NetLab(truth_site.spec(), tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.mark.parametrize("rules", ["none", "mixed", 1, 2], ids=str)
def test_every_flow_is_right(lab: NetLab, rules: str | int, tmp_path: Path) -> None:
    chosen = {"none": [], "mixed": truth_rules.MIXED}
    lab.rules(chosen[rules] if isinstance(rules, str) else truth_rules.random_rules(rules))
    connections = {h: lab.ssh_connections(h) for h in truth_site.ROLES if lab.spec.host(h).managed}
    processes = {h: lab.ssh_sessions(h) for h in connections}
    done, run = run_suite(truth_site.inventory(lab, tmp_path))
    asked = flows(run)
    wrong = wrong_flows(lab, asked)
    assert not wrong, json.dumps(wrong, indent=1)
    assert len(asked) > 200, done.stdout
    assert sum(len(c["ports"]) for c in asked) > 250
    counts = Counter(c["outcome"] for c in asked)
    if rules != "none":
        assert min(counts[o] for o in ("passed", "failed", "unverified", "advisory")) > 0, counts
    for host in connections:
        assert lab.ssh_connections(host) - connections[host] == 1, host
        assert 1 <= lab.ssh_sessions(host) - processes[host] <= 5, host
    for host in connections:
        assert not lab.leftovers(host)


def test_broadcast_is_heard_in_its_subnet(lab: NetLab, tmp_path: Path) -> None:
    lab.rules([])
    _, run = run_suite(truth_site.inventory(lab, tmp_path), "--row=P05")
    cases = {c["id"]: c for c in run["cases"]}
    assert cases["P05:cml1>tp2"]["outcome"] == "passed"
    assert "v2 heard the broadcast from 10.77.1.11" in cases["P05:cml1>tp2"]["seen"]
    assert cases["P05:cml1>tp2"]["stand_in"] == "v2"
    for other in ("P05:cml2>tp2", "P05:cml1>tp1"):
        assert cases[other]["outcome"] == "unverified"
        assert "a broadcast stays in its subnet" in cases[other]["reason"]


def test_replay_needs_no_network(lab: NetLab, tmp_path: Path) -> None:
    lab.rules(truth_rules.MIXED)
    inventory = truth_site.inventory(lab, tmp_path)
    _, run = run_suite(inventory)
    managed = [h for h in truth_site.ROLES if lab.spec.host(h).managed]
    before = {h: lab.ssh_connections(h) for h in managed}
    for host in managed:
        lab.cut(host)
    try:
        _, again = run_suite(inventory, "--replay=latest")
    finally:
        for host in managed:
            lab.mend(host)
    assert {h: lab.ssh_connections(h) for h in managed} == before
    assert again["replay_of"] == run["run_id"]
    same = set(run) - TIME_DEPENDENT
    assert {k: again[k] for k in same} == {k: run[k] for k in same}


def test_translation_is_told(lab: NetLab, tmp_path: Path) -> None:
    lab.rules(truth_rules.MIXED)
    _, run = run_suite(truth_site.inventory(lab, tmp_path), "--row=S03,I03")
    cases = {c["id"]: c for c in run["cases"]}
    assert "heard it from 10.77.1.1" in cases["S03:mfp1>cml1"]["seen"]
    assert any("translation will break it" in f for f in cases["S03:mfp1>cml1"]["findings"])
    assert any(f.startswith("translated: 10.77.3.11") for f in cases["I03:ors1>cml2"]["findings"])
