"""Every scenario, asked and judged by the real engine: exactly the rows that it is about come out other than passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from checklist.item_cases import item_tests
from ruamel.yaml import YAML

from preflight.agents.rounds import open_session
from preflight.agents.session import Inbox
from preflight.catalogue.loader import load_catalogue
from preflight.checks.judging import run_check
from preflight.checks.subjects import subject_of
from preflight.facts.registry import BY_NAME
from preflight.lab.backend import lab_factory
from preflight.lab.world import World, scenario_names
from preflight.plan.build import build_plan
from preflight.survey.controller import SiteAsk
from preflight.survey.options import SurveyOptions
from preflight.survey.recorder import Recorder
from preflight.survey.run import survey
from preflight.transports.base import PreflightBackend
from preflight.values.case import Case
from preflight.values.observation import site_key
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

    def open(self, machine: str, agent: str, inbox: Inbox) -> Any:
        return open_session(self._backend(machine), agent, inbox, 600.0)

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
        cases = [case for case in build_plan(catalogue, lab.topology) if case.not_built is None]
        recorder = Recorder()
        options = SurveyOptions(services=catalogue.product.services)
        survey(cases, lab.topology.machines, LabBoard(lab), options, recorder, site_asks=of_site(cases, lab))
        seen = recorder.freeze()
        evidence = Evidence(seen)

        def verdict(case: Case) -> Verdict:
            if case.protocol is not None or case.not_applicable is not None:
                return judge(case, evidence, lab.topology)
            return run_check(item_tests()[case.row], subject_of(case, lab.topology, seen))

        return [(case, verdict(case)) for case in cases]

    return play


def of_site(cases: list[Case], lab: World) -> list[SiteAsk]:
    """What the machine that runs the suite asks itself: the lab answers."""
    wanted = {site_key(f, case.about) for case in cases for f in case.facts if BY_NAME[f].of_site and case.about}
    keys = tuple(sorted(wanted))
    return [SiteAsk(keys, lab.told_by, partial(lab.told_of_site, keys))] if keys else []


def rows_by_outcome(judged: list[tuple[Case, Verdict]]) -> dict[str, Any]:
    found: dict[str, set[str]] = defaultdict(set)
    for case, verdict in judged:
        if verdict.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE):
            found[str(verdict.outcome)].add(case.row)
    return {outcome: sorted(rows) for outcome, rows in found.items()}


# Where nobody can log in, everything that needs that host's own words stays open.
NOT_MANAGED = {
    "cml-node-unreachable": "cml2",
    "wrong-password": "cml2",
    "certificate-expired": "crs1",
    "shell-quota-used-up": "ors1",
    "constrained-language": "cml1",
}


@pytest.mark.parametrize("scenario", sorted(set(scenario_names()) - set(NOT_MANAGED)))
def test_a_scenario_touches_its_rows_and_no_others(
    scenario: str, played: Callable[[str], list[tuple[Case, Verdict]]]
) -> None:
    assert rows_by_outcome(played(scenario)) == EXPECTED[scenario]


@pytest.mark.parametrize("scenario", sorted(set(NOT_MANAGED) - {"cml-node-unreachable"}))
def test_a_host_that_lets_nobody_in_touches_its_own_cases_and_no_others(
    scenario: str, played: Callable[[str], list[tuple[Case, Verdict]]]
) -> None:
    machine, judged = NOT_MANAGED[scenario], played(scenario)
    blocked = [(case, verdict) for case, verdict in judged if verdict.outcome.blocks]
    assert {verdict.outcome for _, verdict in blocked} <= {Outcome.UNVERIFIED}
    assert all(machine in (case.source, case.destination) for case, _ in blocked)
    own = [v for c, v in judged if machine in c.hosts and c.source == machine and not v.outcome.blocks]
    assert not [v for v in own if v.outcome is Outcome.PASSED], "it can ask nothing"


def test_an_unreachable_node_touches_its_own_cases_and_no_others(
    played: Callable[[str], list[tuple[Case, Verdict]]],
) -> None:
    judged = played("cml-node-unreachable")
    # A restricted row is met where nobody answers, and what this machine asks needs no node: they say nothing here.
    judged = [(c, v) for c, v in judged if not any(BY_NAME[fact].of_site for fact in c.facts)]
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
    judged = [(case, verdict) for case, verdict in played("healthy") if case.protocol is not None]
    asked = {case.row for case, verdict in judged if verdict.outcome is Outcome.PASSED}
    assert len(asked) >= 70
    assert {"I08", "I14", "O05", "O16", "O17", "P15", "P18", "W03"} == {case.row for case, _ in judged} - asked - {
        "I15"
    }
