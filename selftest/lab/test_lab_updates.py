"""The lab answers for Windows Update where its inventory has that asked, and nothing else comes out differently."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lab_play import Judged, play, rows_by_outcome
from test_lab_scenarios import EXPECTED

from preflight.lab.world import load_world
from preflight.topology.model import Topology

pytestmark = pytest.mark.slow  # whole surveys of the lab


def asking(site: Topology, scenario: str) -> Judged:
    """A scenario under the default inventory with `windows_update: ask`."""
    checklist = replace(site.checklist, ask_windows_update=True)
    return play(load_world(replace(site, checklist=checklist), scenario))


def test_it_has_nothing_outstanding_where_the_lab_is_healthy(site: Topology) -> None:
    judged = asking(site, "healthy")
    assert rows_by_outcome(judged) == {}
    seen = [verdict.seen for case, verdict in judged if case.row == "C08"]
    assert len(seen) == 2
    assert all("no patch is outstanding, by Windows Update's own answer from Microsoft" in text for text in seen)


def test_it_names_what_a_node_lacks(site: Topology) -> None:
    judged = asking(site, "restart-pending")
    assert rows_by_outcome(judged) == EXPECTED["restart-pending"]
    reasons = {case.destination: verdict.reason for case, verdict in judged if case.row == "C08"}
    assert "a restart of cml1 is pending" in reasons["cml1"]
    assert reasons["cml2"].endswith("own answer from Microsoft (no WSUS server by policy): KB0000001")


def test_a_node_whose_account_may_not_ask_is_judged_by_the_table(site: Topology) -> None:
    judged = asking(site, "account-without-rights")
    assert rows_by_outcome(judged) == EXPECTED["account-without-rights"]
    notes = {case.destination: " / ".join(verdict.findings) for case, verdict in judged if case.row == "C08"}
    assert "Windows Update gave no answer, so the table of patches alone decides" in notes["cml1"]
