"""Which run `preflight attest` asks about, and what an answer cannot be for."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from suite import Suite

if sys.platform == "win32":
    pytest.skip("the module beside it needs Unix's pty", allow_module_level=True)

from attest_command import without_terminal

pytestmark = pytest.mark.slow
SOON = str(datetime.now(ZoneInfo("Europe/Prague")).date() + timedelta(days=200))
ANSWER = (
    "answers:\n  - {{requirement: {}, hosts: mfp1, asked_by: Eva, approved_by: Jan, reason: it answers, until: {}}}\n"
)


def test_the_newest_full_run_is_taken_before_a_newer_one_that_left_something_out(suite: Suite) -> None:
    full = suite.last()["run_id"]
    suite.run("--scenario=printer-vlan-closed", "--row=P10,S14", "--hosts=mfp1")
    partial = suite.last()["run_id"]
    answers = suite.folder / "answers.yaml"
    answers.write_text(ANSWER.format("P17", SOON), encoding="utf-8")
    there = without_terminal(suite.inventory, partial, f"--answers={answers}")
    assert there.returncode == 4, "P17 was not asked there"
    assert f"run {partial}: " in there.stdout
    assert "it is a partial run: of what was left out of it nothing is said here" in there.stdout
    done = without_terminal(suite.inventory, f"--answers={answers}")
    assert done.returncode == 0, done.stderr
    assert f"run {full}: " in done.stdout
    assert f"it is the newest full run; {partial} is newer and partial" in done.stdout
    assert f"preflight attest {partial}" in done.stdout
    assert f"run {partial} is a partial run" in without_terminal(suite.inventory, "--list").stdout


def test_answers_tell_what_they_cannot_be_for(suite: Suite) -> None:
    answers = suite.folder / "answers.yaml"
    answers.write_text(ANSWER.format("[S14, P10]", SOON), encoding="utf-8")
    done = without_terminal(suite.inventory, f"--answers={answers}")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "answers.yaml:2: answers[0]: is not for 2 cases that were observed to fail: S14:" in said
    assert "S14" not in (suite.folder / "attestations.yaml").read_text("utf-8")
