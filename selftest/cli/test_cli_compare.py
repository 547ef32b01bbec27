"""Comparing as a user does: nights that fail on regressions only, an accepted run, and `preflight diff`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from suite import CLONE, Suite, preflight

from preflight.run.model import Run

pytestmark = pytest.mark.slow
BROKEN = "--scenario=printer-vlan-closed"
NIGHT = "--fail-on=regression"
# A site of its own that needs no network: nobody manages a host, so what is required stays unverified.
UNMANAGED = """\
customer: c
site: s
hosts:
  cml1: {roles: [cml], address: 127.0.0.9}
  ws1: {roles: [workstation], address: 127.0.0.8}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


@pytest.fixture
def site(suite: Suite) -> Suite:
    """A real site, as far as the suite knows."""
    suite.inventory.write_text(UNMANAGED, encoding="utf-8")
    return suite


def edited(suite: Suite, name: str, change: Any) -> Path:
    """Another run made out of the newest one: what another night could have shown."""
    told = suite.last()
    told["run_id"] = name
    change(told)
    folder = suite.folder / "reports" / name
    folder.mkdir()
    counted = {key: dict.fromkeys(counts, 0) for key, counts in told["counts"]["sections"].items()}
    for one in told["cases"]:
        counted[one["section"]][one["standing"]] += 1
        counted[one["section"]]["total"] += 1
    told["counts"]["sections"] = counted
    told["counts"]["total"] = {key: sum(c[key] for c in counted.values()) for key in told["counts"]["total"]}
    run = Run.model_validate(told)
    (folder / "run.json").write_text(run.model_dump_json(indent=1), encoding="utf-8")
    return folder


def all_pass(told: dict[str, Any]) -> None:
    for one in told["cases"]:
        if one["standing"] in ("failed", "unverified"):
            one["standing"] = one["outcome"] = "passed"


def test_nights_in_the_lab(suite: Suite) -> None:
    first = suite.run(BROKEN, NIGHT)
    assert first.returncode == 1
    assert "nothing to compare with, so all that blocks counts, as with --fail-on=blocking" in first.stdout
    assert suite.last()["comparison"] is None
    full = suite.last()["run_id"]

    second = suite.run(BROKEN, NIGHT)
    assert second.returncode == 0, second.stdout
    assert "warning" not in second.stdout
    assert "exit code 0 (--fail-on=regression): all that blocks blocked already then" in second.stdout
    comparison = suite.last()["comparison"]
    assert (comparison["run_id"], comparison["accepted"], comparison["changes"]) == (full, False, [])
    assert comparison["unchanged"] == len(suite.last()["cases"])
    assert suite.run(BROKEN).returncode == 1

    partial = suite.run(BROKEN, NIGHT, "--hosts=cml1")
    assert partial.returncode == 0
    comparison = suite.last()["comparison"]
    assert comparison["changes"] == []
    left = sum(one["outcome"] == "not run" for one in suite.last()["cases"])
    assert comparison["not_compared"] == left > 0

    stopped = suite.run(BROKEN, NIGHT, "-x")
    assert stopped.returncode == 1
    assert "selected and not run: the run stopped before, or a plugin skipped" in stopped.stdout

    other = suite.run("--scenario=iis-on-port-80", NIGHT)
    assert other.returncode == 1
    assert "the last full run was of the lab's scenario printer-vlan-closed" in other.stdout
    assert suite.last()["comparison"] is None


def test_a_site_check_that_fails_is_no_old_news(suite: Suite) -> None:
    check = suite.folder / "test_mine.py"
    check.write_text("def test_mine():\n    assert False\n", encoding="utf-8")
    words = ["-c", str(CLONE / "pytest.ini"), "tests", str(check), NIGHT]
    suite.run("--scenario=healthy")
    done = suite.run(*words)
    assert done.returncode == 1, done.stdout
    assert "failed, and no case's outcome: " in done.stdout


def test_a_night_against_the_accepted_run(site: Suite) -> None:
    assert site.run().returncode == 1
    better = edited(site, "20200101T000000Z-s", all_pass)
    assert preflight(site, "accept", "20200101T000000Z-s", "--by", "Eva").returncode == 0
    done = site.run(NIGHT)
    assert done.returncode == 1, done.stdout
    assert "of the cases that block did not block then" in done.stdout
    comparison = site.last()["comparison"]
    assert (comparison["run_id"], comparison["accepted"]) == ("20200101T000000Z-s", True)
    assert {change["kind"] for change in comparison["changes"]} == {"regressed"}

    accepted = preflight(site, "accept", "latest", "--by", "Eva Nová", "--note", "as agreed")
    assert accepted.returncode == 0, accepted.stderr
    assert "accepted by Eva Nová" in accepted.stdout
    assert site.run(NIGHT).returncode == 0
    replay = site.run(f"--replay={site.last()['run_id']}", NIGHT)
    assert replay.returncode == 1
    assert "a replay is compared with no other run" in replay.stdout
    assert site.last()["comparison"] is None

    baseline = json.loads((site.folder / "reports" / "baseline.json").read_text("utf-8"))
    file = site.folder / "reports" / baseline["run_id"] / "run.json"
    file.write_bytes(file.read_bytes() + b"\n")
    count = len(site.runs)
    changed = site.run()
    assert changed.returncode == 4
    assert "was changed since Eva Nová accepted it" in changed.stderr + changed.stdout
    assert len(site.runs) == count
    assert preflight(site, "diff", "baseline", "latest").returncode == 4
    assert better.is_dir()


def test_a_last_run_that_does_not_load_is_nothing_to_compare_with(site: Suite) -> None:
    site.run()
    file = site.runs[-1] / "run.json"
    file.write_text(file.read_text("utf-8").replace('"schema_version": 2', '"schema_version": 1'), "utf-8")
    done = site.run(NIGHT)
    assert done.returncode == 1, done.stdout
    assert "nothing to compare with" in done.stdout
    assert "schema_version" in done.stdout
    assert site.last()["full"] is True
    assert site.run(NIGHT).returncode == 0  # the second is compared with the first that loads


def test_diff(site: Suite) -> None:
    site.run()
    one, two = "20200101T000000Z-s", site.last()["run_id"]
    edited(site, one, all_pass)
    worse = preflight(site, "diff", one, "latest")
    assert worse.returncode == 1, worse.stderr
    assert "regressed: did not block then, blocks now" in worse.stdout
    better = preflight(site, "diff", two, str(site.folder / "reports" / one))
    assert better.returncode == 0
    assert "fixed: blocked then, does not now" in better.stdout
    same = preflight(site, "diff", two, two, "--json")
    assert same.returncode == 0
    assert json.loads(same.stdout)["unchanged"] == len(site.last()["cases"])
    told = preflight(site, "diff", one, two, "--markdown").stdout
    assert told.startswith(f"Compared with `run {one} of ")
    assert "- **regressed** `" in told


def none_run(told: dict[str, Any]) -> None:
    told["full"] = False
    for one in told["cases"]:
        one["standing"] = one["outcome"] = "not run"


def test_diff_of_what_blocks_and_was_not_run_before(site: Suite) -> None:
    site.run()
    edited(site, "20200101T000000Z-s", none_run)
    for form in ((), ("--json",), ("--markdown",)):
        done = preflight(site, "diff", "20200101T000000Z-s", "latest", *form)
        assert done.returncode == 1, (form, done.stderr)
        assert f"blocks in {site.last()['run_id']}, was not run in 20200101T000000Z-s: " in done.stderr
    back = preflight(site, "diff", "latest", "20200101T000000Z-s")
    assert (back.returncode, back.stderr) == (0, "")


def test_diff_and_accept_refuse(site: Suite) -> None:
    site.run("--hosts=cml1")
    partial = site.last()["run_id"]
    edited(site, "other", lambda told: told.update(site="another"))
    for words, sentence in (
        (["diff", partial, "other"], "not of one site"),
        (["diff", partial, "gone"], "no recorded run 'gone'"),
        (["diff", "baseline", partial], "no run was accepted there yet"),
        (["accept", partial, "--by", "Eva"], "it is partial"),
        (["accept", partial], "--by"),
        (["diff", partial, partial, "--json", "--markdown"], "not allowed with"),
    ):
        done = preflight(site, *words)
        assert done.returncode == 4, (words, done.stdout, done.stderr)
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
    assert preflight(site, "diff", partial, "other", "--anyway").returncode == 0
