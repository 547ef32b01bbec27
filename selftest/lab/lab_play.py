"""Plays a scenario of the lab: asked and judged by the real engine, without pytest's own run."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any

import pytest
from checklist.item_cases import item_tests

from preflight.agents.rounds import open_session
from preflight.agents.session import Inbox
from preflight.catalogue.loader import load_catalogue
from preflight.checks.judging import run_check
from preflight.checks.subjects import subject_of, ways_to
from preflight.facts.registry import BY_NAME
from preflight.lab.backend import lab_factory
from preflight.lab.world import World
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

Judged = list[tuple[Case, Verdict]]


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


def play(lab: World) -> Judged:
    """Every case of the lab's inventory, with its verdict."""
    catalogue = load_catalogue()
    cases = [case for case in build_plan(catalogue, lab.topology) if case.not_built is None]
    recorder = Recorder()
    options = SurveyOptions(services=catalogue.product.services)
    survey(cases, lab.topology.machines, LabBoard(lab), options, recorder, site_asks=of_site(cases, lab))
    seen = recorder.freeze()
    evidence = Evidence(seen)

    def verdict(case: Case) -> Verdict:
        if case.protocol is not None or case.not_applicable is not None:
            return judge(case, evidence, lab.topology)
        ways = ways_to(case, lab.topology, cases, lambda flow: judge(flow, evidence, lab.topology))
        return run_check(item_tests()[case.row], subject_of(case, lab.topology, seen, ways))

    return [(case, verdict(case)) for case in cases]


def of_site(cases: list[Case], lab: World) -> list[SiteAsk]:
    """What the machine that runs the suite asks itself: the lab answers."""
    wanted = {site_key(f, case.about) for case in cases for f in case.facts if BY_NAME[f].of_site and case.about}
    keys = tuple(sorted(wanted))
    return [SiteAsk(keys, lab.told_by, partial(lab.told_of_site, keys))] if keys else []


def rows_by_outcome(judged: Judged) -> dict[str, Any]:
    """outcome -> rows with a case of it, passed and not applicable ones left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for case, verdict in judged:
        if verdict.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE):
            found[str(verdict.outcome)].add(case.row)
    return {outcome: sorted(rows) for outcome, rows in found.items()}
