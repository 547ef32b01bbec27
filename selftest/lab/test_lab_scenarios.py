"""Every scenario, asked and judged by the real engine: exactly the rows that it is about come out other than passed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lab_play import Judged, play, rows_by_outcome

from preflight.facts.registry import BY_NAME
from preflight.lab.world import World, scenario_names
from preflight.values.outcome import Outcome
from preflight.values.shipped_yaml import load as load_yaml

pytestmark = pytest.mark.slow  # whole surveys of the lab

EXPECTED: dict[str, dict[str, list[str]]] = load_yaml(
    (Path(__file__).parent / "blocking.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def played(world: Callable[[str], World]) -> Callable[[str], Judged]:
    return lambda scenario: play(world(scenario))


# Where nobody can log in, everything that needs that host's own words stays open.
NOT_MANAGED = {
    "cml-node-unreachable": "cml2",
    "wrong-password": "cml2",
    "certificate-expired": "crs1",
    "shell-quota-used-up": "ors1",
    "constrained-language": "cml1",
}


@pytest.mark.parametrize("scenario", sorted(set(scenario_names()) - set(NOT_MANAGED)))
def test_a_scenario_touches_its_rows_and_no_others(scenario: str, played: Callable[[str], Judged]) -> None:
    assert rows_by_outcome(played(scenario)) == EXPECTED[scenario]


@pytest.mark.parametrize("scenario", sorted(set(NOT_MANAGED) - {"cml-node-unreachable"}))
def test_a_host_that_lets_nobody_in_touches_its_own_cases_and_no_others(
    scenario: str, played: Callable[[str], Judged]
) -> None:
    machine, judged = NOT_MANAGED[scenario], played(scenario)
    blocked = [(case, verdict) for case, verdict in judged if verdict.outcome.blocks]
    assert {verdict.outcome for _, verdict in blocked} <= {Outcome.UNVERIFIED}
    askers = {case.id: {probe.source for probe in case.probes} for case, _ in blocked}  # L01 asks from every node
    assert all(machine in {case.source, case.destination, *askers[case.id]} for case, _ in blocked)
    own = [v for c, v in judged if machine in c.hosts and c.source == machine and not v.outcome.blocks]
    assert not [v for v in own if v.outcome is Outcome.PASSED], "it can ask nothing"


def test_an_unreachable_node_touches_its_own_cases_and_no_others(
    played: Callable[[str], Judged],
) -> None:
    judged = played("cml-node-unreachable")
    # A restricted row is met where nobody answers, and what this machine asks needs no node: they say nothing here.
    judged = [(c, v) for c, v in judged if not any(BY_NAME[fact].of_site for fact in c.facts)]
    applying = [(c, v) for c, v in judged if v.outcome is not Outcome.NOT_APPLICABLE and not c.restricted]
    for case, verdict in applying:
        about_cml2 = "cml2" in (case.source, case.destination)
        assert (verdict.outcome is Outcome.PASSED) is not about_cml2, (case.id, verdict)
    assert sum("cml2" in (case.source, case.destination) for case, _ in applying) > 50


def test_translation_is_a_finding(played: Callable[[str], Judged]) -> None:
    said = [v.findings for case, v in played("printers-translated") if case.row == "S03" and case.probes]
    assert said
    assert all(any("10.10.2.1" in finding for finding in findings) for findings in said)


def test_most_rows_apply_and_some_do_not(played: Callable[[str], Judged]) -> None:
    judged = [(case, verdict) for case, verdict in played("healthy") if case.protocol is not None]
    asked = {case.row for case, verdict in judged if verdict.outcome is Outcome.PASSED}
    assert len(asked) >= 70
    assert {"I08", "I14", "O05", "O16", "O17", "P15", "P18", "W03"} == {case.row for case, _ in judged} - asked - {
        "I15"
    }
