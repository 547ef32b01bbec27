"""The calendar: a lab run says the same on any day; a site with the suite's own tables is told when they are old."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from suite import CLONE, Suite

from preflight.topology.loader import load_inventory

pytestmark = pytest.mark.slow  # each runs the whole suite as a user does

HERE = Path(__file__).parent
DAYS = ("2026-11-28", "2036-11-28")  # past the suite's own tables of November 2026: one a little, one for certain


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def asked_on(suite: Suite, day: str) -> dict[str, Any]:
    """run.json of a run of C03 and C08 on that day."""
    suite.env |= {"PYTHONPATH": str(HERE), "PREFLIGHT_TEST_DAY": day}
    done = suite.run("-p", "calendar_ahead", "--row=C03,C05,C08")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return suite.last()


@pytest.mark.parametrize("day", DAYS)
def test_a_lab_run_is_the_same_on_any_day(day: str, suite: Suite) -> None:
    cases = {c["id"]: c for c in asked_on(suite, day)["cases"] if c["row"] in ("C03", "C05", "C08")}
    assert len(cases) == 6
    assert {case["outcome"] for case in cases.values()} == {"passed"}
    days = (date.fromisoformat(day) - date(2026, 11, 11)).days
    assert f"{days} days before" in str(cases["C08:cml1"]), "the host was asked on that day"


def test_a_site_is_told_that_the_suite_s_own_tables_are_too_old(suite: Suite) -> None:
    lines = suite.inventory.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.lstrip().startswith(("browsers: {", "patches: {"))]
    assert len(lines) - len(kept) == 2
    suite.inventory.write_text("".join(kept), encoding="utf-8")
    cases = [c for c in asked_on(suite, DAYS[-1])["cases"] if c["row"] in ("C03", "C08")]
    assert [(c["row"], c["outcome"]) for c in cases] == [(c["row"], "unverified") for c in cases]
    assert len(cases) == 4
    for case in cases:
        assert "days before the host was asked" in case["reason"]
        assert "as_of" in case["remedy"], "an entry to fill in"


def test_the_lab_s_tables_count_for_decades() -> None:
    checklist = load_inventory(CLONE / "inventory.yaml").checklist
    start = date(2026, 11, 26)
    for ahead in (0, 2, 36, 3650, 30000):
        day = start + timedelta(days=ahead)
        assert checklist.browsers.stand("edge", (156, 0, 4314, 50), day).kind == "current"
        assert checklist.patches.stand("windows", (17763, 9487), day).kind == "current"
