"""Recorded Windows servers: the real gather agent reads them, and every server item is judged by what it told."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from checklist.item_cases import catalogue, item_tests
from gather_run import powershell
from ruamel.yaml import YAML
from world_files import WindowsWorld, inventory, windows_worlds
from world_run import asked_of, told_by

from preflight.agents.contract_facts import FACTS as STANDING
from preflight.checks.judging import run_check
from preflight.checks.subjects import subject_of
from preflight.plan.build import build_plan
from preflight.topology.loader import load_inventory
from preflight.topology.model import Topology
from preflight.values.case import Case
from preflight.values.observation import HostObservation, Observations
from preflight.verdict.evidence import Evidence
from preflight.verdict.judge import judge

pytestmark = [pytest.mark.real, pytest.mark.slow]
ALL = windows_worlds()
ITEMS = sorted(item for item in item_tests() if item.startswith("C"))


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    powershell()
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "ip"))):
        pytest.skip("a recorded server's addresses and ports need root, unshare and ip")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Topology:
    file = tmp_path_factory.mktemp("site") / "inventory.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(inventory(), out)
    return load_inventory(file)


def outcome_of(case: Case, site: Topology, seen: Observations) -> tuple[str, str]:
    """Outcome, and all words that a report has of it."""
    if case.not_applicable is not None:
        verdict = judge(case, Evidence(seen), site)
    else:
        verdict = run_check(item_tests()[case.row], subject_of(case, site, seen))
    return str(verdict.outcome), " / ".join((verdict.reason, verdict.seen, verdict.remedy, *verdict.findings))


@pytest.mark.parametrize("world", ALL, ids=lambda w: w.name)
def test_a_recorded_server_is_judged_item_by_item(world: WindowsWorld, site: Topology, tmp_path: Path) -> None:
    host = told_by(world, "cml1", site, tmp_path)
    seen = Observations(hosts={"cml1": host})
    cases = {c.row: c for c in build_plan(catalogue(), site) if c.row in ITEMS and c.destination in ("cml1", None)}
    found = {row: outcome_of(case, site, seen) for row, case in cases.items()}
    expected: dict[str, list[Any]] = world.data["expect"]
    assert set(found) == set(expected) == set(ITEMS)
    wanted = {row: line[0] for row, line in expected.items()}
    assert {row: outcome for row, (outcome, _) in found.items()} == wanted, found
    for row, line in expected.items():
        for words in line[1:]:
            assert str(words) in found[row][1], row
    assert world.data["says"] in found["C08"][1]
    standing_facts_hold(world, host)


def test_an_ors_is_asked_what_the_plan_asks_of_it(site: Topology, tmp_path: Path) -> None:
    assert asked_of("ors1", site) == (), "no item of the page is about an ORS: the standing facts, as on any machine"
    world = next(world for world in ALL if world.name == "server-2022-czech")
    host = told_by(world, "ors1", site, tmp_path)
    assert set(host.facts) == set(STANDING)
    standing_facts_hold(world, host)


def standing_facts_hold(world: WindowsWorld, host: HostObservation) -> None:
    """What every machine is asked, a CML or an ORS."""
    assert {name: host.facts[name].status for name in STANDING} == dict.fromkeys(STANDING, "ok")
    system = host.facts["system"].value
    assert (system["hostname"], system["version"]) == (world.data["hostname"], world.data["version"])
    assert system["name"].startswith(world.data["title"].partition(",")[0])
    assert system["elevated"] is world.data.get("elevated", True)
    held = {(line["local_port"], line["pid"]) for line in host.facts["listeners"].value if line["protocol"] == "tcp"}
    assert held == {(port, pid) for _, port, pid in world.data["listens"]}
    addresses = {line["address"] for line in host.facts["addresses"].value}
    assert addresses >= set(world.data["addresses"])
