"""The lab with the embedded database: items that the lab's own inventory, which uses an external one, leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from checklist.item_cases import item_tests

from preflight.catalogue.loader import load_catalogue
from preflight.checks.judging import run_check
from preflight.checks.server import Server
from preflight.lab.world import load_world
from preflight.plan.build import build_plan
from preflight.topology.model import Topology
from preflight.values.observation import Fact, HostObservation


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        ("healthy", {"cml1": "passed", "cml2": "passed"}),
        ("installed", {"cml1": "passed", "cml2": "passed"}),
        ("windows-installer-too-old", {"cml1": "failed", "cml2": "passed"}),
    ],
)
def test_windows_installer_is_asked(scenario: str, outcomes: dict[str, str], site: Topology) -> None:
    site = replace(site, features=replace(site.features, database="embedded", database_instance=None))
    world = load_world(site, scenario)
    found = {}
    for case in build_plan(load_catalogue(), site):
        if case.row == "C02":
            assert case.destination is not None
            told = world.places[case.destination].told
            facts = {name: Fact(name, "ok", told[name]) for name in ("windows_installer:msi",)}
            host = HostObservation(case.destination, True, "lab", 0.0, facts=facts)
            found[case.destination] = str(run_check(item_tests()["C02"], Server(case, site, host)).outcome)
    assert found == outcomes
