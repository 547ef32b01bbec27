"""Lends the pictures' tests the generated runs of selftest/run, and one run of a large site."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "run"))

from planned_runs import branches, planned_run

from preflight.run.model import Run
from preflight.values.case import Case
from preflight.values.outcome import Outcome


@pytest.fixture(scope="session")
def two_thousand_printers(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Ten sites of 200 printers; no server reaches those of the first branch."""

    def rule(one: Case) -> Outcome:
        return Outcome.FAILED if "branch1-mfp" in (one.destination or "") else Outcome.PASSED

    return planned_run(branches(tmp_path_factory.mktemp("large"), sites=10, printers=2000), rule)
