"""The checklist in the lab: each item has a scenario that breaks it alone, and the healthy ones pass all 24."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from checklist.item_cases import item_tests
from lab_play import play, rows_by_outcome
from test_lab_scenarios import EXPECTED

from preflight.lab.world import World, load_world
from preflight.topology.model import Topology
from preflight.values.outcome import Outcome

pytestmark = pytest.mark.slow  # whole surveys of the lab

# C02 is asked where the database is embedded, C11 where it is not, so one inventory cannot ask both.
WITH_EMBEDDED = {
    "healthy": {},
    "installed": {},
    "windows-installer-too-old": {"failed": ["C02"]},
}
# Items that one scenario alone can break by themselves: docs/lab.md says why.
BY_THESE = {
    "C01": {"web-server-on-loopback"},
    "C02": {"windows-installer-too-old"},
    "C12": {"account-may-only-read"},
}


@pytest.fixture(scope="module")
def embedded(site: Topology) -> Topology:
    return replace(site, features=replace(site.features, database="embedded", database_instance=None))


@pytest.mark.parametrize("item", sorted(item_tests()))
def test_each_item_has_a_scenario_that_breaks_it_alone(item: str) -> None:
    """Nothing else comes out other than passed, flows included. L11 is a recommendation: its advisory is what breaks.

    Every line of EXPECTED is held to a whole survey in test_lab_scenarios.py, C02's in a test below.
    """
    scenarios = {**EXPECTED, "windows-installer-too-old": WITH_EMBEDDED["windows-installer-too-old"]}
    broken = {name for name, rows in scenarios.items() if rows == {"failed": [item]}}
    if item == "L11":
        broken = {name for name, rows in scenarios.items() if rows == {"advisory": [item]}}
    assert broken, f"nothing breaks {item} alone"
    assert broken >= BY_THESE.get(item, set())


def test_an_account_that_may_only_read_changes_one_case(world: Callable[[str], World]) -> None:
    healthy, played = (
        {case.id: verdict.outcome for case, verdict in play(world(name))}
        for name in ("healthy", "account-may-only-read")
    )
    changed = {case: outcome for case, outcome in played.items() if healthy[case] is not outcome}
    assert changed == {"C12:cml1": Outcome.FAILED}
    assert healthy.keys() == played.keys()


@pytest.mark.parametrize("scenario", WITH_EMBEDDED)
def test_with_the_embedded_database(scenario: str, embedded: Topology) -> None:
    assert rows_by_outcome(play(load_world(embedded, scenario))) == WITH_EMBEDDED[scenario]


@pytest.mark.parametrize("scenario", ["healthy", "installed"])
def test_the_healthy_ones_pass_all_items(scenario: str, world: Callable[[str], World], embedded: Topology) -> None:
    passed: set[str] = set()
    for lab in (world(scenario), load_world(embedded, scenario)):
        judged = [(case.row, verdict.outcome) for case, verdict in play(lab) if case.row in item_tests()]
        assert {outcome for _, outcome in judged} == {Outcome.PASSED, Outcome.NOT_APPLICABLE}
        left_out = {row for row, outcome in judged if outcome is Outcome.NOT_APPLICABLE}
        assert left_out == ({"C02"} if lab.topology.features.database == "mssql" else {"C11"})
        passed |= {row for row, outcome in judged if outcome is Outcome.PASSED}
    assert passed == set(item_tests())
    assert len(passed) == 24
