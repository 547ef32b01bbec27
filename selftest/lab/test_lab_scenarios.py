"""Every scenario, asked and judged by the real engine: exactly the rows that it is about come out other than passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from preflight.agents.session import AgentSession, Inbox
from preflight.catalogue.loader import load_catalogue
from preflight.lab.backend import lab_factory
from preflight.lab.world import World, scenario_names
from preflight.plan.build import build_plan
from preflight.survey.options import SurveyOptions
from preflight.survey.recorder import Recorder
from preflight.survey.run import survey
from preflight.transports.base import PreflightBackend
from preflight.values.case import Case
from preflight.values.outcome import Outcome, Verdict
from preflight.verdict.evidence import Evidence
from preflight.verdict.judge import judge

EXPECTED: dict[str, dict[str, list[str]]] = YAML(typ="safe", pure=True).load(
    (Path(__file__).parent / "blocking.yaml").read_text(encoding="utf-8")
)


class LabBoard:
    """The survey's switchboard over one lab."""

    def __init__(self, world: World) -> None:
        self._machines = world.topology.machines
        self._factory = lab_factory(world)
        self._backends: dict[str, PreflightBackend] = {}

    def _backend(self, machine: str) -> PreflightBackend:
        if machine not in self._backends:
            self._backends[machine] = self._factory(self._machines[machine], lambda _: pytest.fail("no secrets"), None)
        return self._backends[machine]

    def open(self, machine: str, agent: str, inbox: Inbox) -> AgentSession:
        return AgentSession(self._backend(machine), agent, inbox, 600.0)  # type: ignore[arg-type]

    def describe(self, machine: str) -> str:
        return self._backend(machine).describe()

    def close(self) -> None:
        for backend in self._backends.values():
            backend.close()


@pytest.fixture(scope="module")
def played(world: Callable[[str], World]) -> Callable[[str], list[tuple[Case, Verdict]]]:
    catalogue = load_catalogue()

    def play(scenario: str) -> list[tuple[Case, Verdict]]:
        lab = world(scenario)
        cases = [case for case in build_plan(catalogue, lab.topology) if case.protocol is not None]
        recorder = Recorder()
        options = SurveyOptions(services=catalogue.product.services)
        survey(cases, lab.topology.machines, LabBoard(lab), options, recorder)
        evidence = Evidence(recorder.freeze())
        return [(case, judge(case, evidence, lab.topology)) for case in cases]

    return play


def rows_by_outcome(judged: list[tuple[Case, Verdict]]) -> dict[str, Any]:
    found: dict[str, set[str]] = defaultdict(set)
    for case, verdict in judged:
        if verdict.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE):
            found[str(verdict.outcome)].add(case.row)
    return {outcome: sorted(rows) for outcome, rows in found.items()}


@pytest.mark.parametrize("scenario", sorted(set(scenario_names()) - {"cml-node-unreachable"}))
def test_a_scenario_touches_its_rows_and_no_others(
    scenario: str, played: Callable[[str], list[tuple[Case, Verdict]]]
) -> None:
    assert rows_by_outcome(played(scenario)) == EXPECTED[scenario]


def test_an_unreachable_node_touches_its_own_cases_and_no_others(
    played: Callable[[str], list[tuple[Case, Verdict]]],
) -> None:
    judged = played("cml-node-unreachable")
    # A restricted row is met where nobody answers, so it says nothing here.
    applying = [(c, v) for c, v in judged if v.outcome is not Outcome.NOT_APPLICABLE and not c.restricted]
    for case, verdict in applying:
        about_cml2 = "cml2" in (case.source, case.destination)
        assert (verdict.outcome is Outcome.PASSED) is not about_cml2, (case.id, verdict)
    assert sum("cml2" in (case.source, case.destination) for case, _ in applying) > 50


def test_translation_is_a_finding(played: Callable[[str], list[tuple[Case, Verdict]]]) -> None:
    said = [v.findings for case, v in played("printers-translated") if case.row == "S03" and case.probes]
    assert said
    assert all(any("10.10.2.1" in finding for finding in findings) for findings in said)


def test_most_rows_apply_and_some_do_not(played: Callable[[str], list[tuple[Case, Verdict]]]) -> None:
    judged = played("healthy")
    asked = {case.row for case, verdict in judged if verdict.outcome is Outcome.PASSED}
    assert len(asked) >= 70
    assert {"I08", "I14", "O05", "O16", "O17", "P15", "P18", "W03"} == {case.row for case, _ in judged} - asked - {
        "I15"
    }
