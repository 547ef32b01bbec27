"""The suite as a user runs it: the lab, its scenarios, selections, and what is left behind."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from suite import CLONE, Suite

from preflight.catalogue.loader import load_catalogue
from preflight.run.model import Run
from preflight.run.recorded import comparable

pytestmark = pytest.mark.slow  # each runs the whole suite as a user does


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def outcomes(run: dict[str, Any]) -> Counter[str]:
    return Counter(c["outcome"] for c in run["cases"])


def test_healthy_lab(suite: Suite) -> None:
    done = suite.run(cold=True)
    assert done.returncode == 0, done.stdout + done.stderr
    run, folder = suite.last(), suite.runs[-1]
    rows = [row.id for row in load_catalogue().rows]
    assert len(rows) == 110
    assert list(dict.fromkeys(c["row"] for c in run["cases"])) == rows
    assert all(c["outcome"] and c["reason"] for c in run["cases"])
    checklist = [c for c in run["cases"] if c["row"][0] in "CL"]
    assert len({c["row"] for c in checklist}) == 24
    for case in checklist:  # which facts, of whom, when
        assert bool(case["evidence"]) is (case["outcome"] == "passed"), case
        assert all("UTC" in line for line in case["evidence"]), case["evidence"]
    assert any(line.startswith("listeners: cml1, ") for c in checklist for line in c["evidence"])
    left = [c for c in checklist if c["outcome"] == "not run"]
    assert all(c["reason"].startswith("not built yet") for c in left)
    assert all(c["outcome"] in ("passed", "not applicable") for c in run["cases"] if c not in left)
    assert run["full"] is True
    assert (suite.folder / "reports" / "latest" / "run.json").read_bytes() == (folder / "run.json").read_bytes()
    assert "lab run: never a sign-off decision" in done.stdout
    assert "LAB RUN" in (folder / "report.html").read_text("utf-8")
    suites = ET.parse(folder / "junit.xml").getroot()  # noqa: S314 - our own file
    assert int(suites.get("tests", "0")) == len(run["cases"])
    assert (folder / "input" / "inventory.yaml").read_bytes() == suite.inventory.read_bytes()


def test_unreachable_host_keeps_its_rows(suite: Suite) -> None:
    suite.run()
    healthy = {c["id"] for c in suite.last()["cases"]}
    done = suite.run("--scenario=cml-node-unreachable")
    assert done.returncode == 1, done.stdout + done.stderr
    run = suite.last()
    assert {c["id"] for c in run["cases"]} == healthy
    asked_by_it = [c for c in run["cases"] if c["source"] == "cml2" and c["probes"]]
    assert asked_by_it
    assert {c["outcome"] for c in asked_by_it} == {"unverified"}
    assert "UNREACHED  cml2" in done.stdout


def test_blocking_is_told(suite: Suite) -> None:
    done = suite.run("--scenario=iis-on-port-80")
    assert done.returncode == 1, done.stdout + done.stderr
    told = done.stdout
    assert "FAILED  W01" in told
    assert "taken on cml1 by IIS or another web service over http.sys" in told
    assert "lab run: never a sign-off decision (blocks: 3 failed)" in told
    assert "FAILED  C01" in told
    assert re.search(r"^\d+ passed, 3 failing, ", told, re.MULTILINE), "pytest makes no plural of our words"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--hosts=crs1"], "left out by --hosts=crs1"),
        (["--hosts=ors,!ors2"], "left out by --hosts=ors,!ors2"),
        (["--row=S04,P*"], "left out by --row=S04,P*"),
        (["-k", "crs1"], "left out by -k crs1"),
        (["-m", "cluster_installation"], "left out by -m cluster_installation"),
        (["tests/flows/test_other.py"], "left out by the tests that were named"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else None,
)
def test_what_is_left_out_is_not_run(suite: Suite, options: list[str], reason: str) -> None:
    done = suite.run(*options)
    assert done.returncode == 0, done.stdout + done.stderr
    run = suite.last()
    left = [c for c in run["cases"] if c["outcome"] == "not run" and c["row"][0] not in "CL"]
    assert left
    assert all(c["reason"].startswith(reason) for c in left)
    assert outcomes(run)["passed"] > 0
    assert run["full"] is False
    assert not (suite.folder / "reports" / "latest").exists()
    if options[0].startswith("--hosts=crs1"):
        ran = [c for c in run["cases"] if c["outcome"] != "not run"]
        assert all("crs1" in c["hosts"] for c in ran)


def test_first_failure_stops_and_lf_asks_the_rest(suite: Suite) -> None:
    done = suite.run("--scenario=printer-vlan-closed", "-x")
    assert done.returncode in (1, 2), done.stdout
    run = suite.last()
    assert sum(outcomes(run)[o] for o in ("failed", "unverified")) == 1
    assert any(c["reason"].startswith("the run stopped before it") for c in run["cases"])
    suite.run("--scenario=printer-vlan-closed")
    full = suite.last()
    blocked = {c["id"] for c in full["cases"] if c["outcome"] in ("failed", "unverified")}
    suite.run("--scenario=printer-vlan-closed", "--lf")
    again = suite.last()
    assert {c["id"] for c in again["cases"] if c["outcome"] != "not run"} == blocked


def test_cache_is_the_sites_own(suite: Suite) -> None:
    suite.run("--row=K03")
    assert (suite.folder / ".preflight-cache").is_dir()


def test_replay_gives_the_same(suite: Suite) -> None:
    suite.run("--scenario=printer-vlan-closed", "--row=P*,S03,O14")
    first = suite.runs[-1]
    done = suite.run(f"--replay={first.name}")
    assert done.returncode == 1, done.stdout + done.stderr
    again = suite.runs[-1]
    assert again != first
    one, two = (Run.model_validate_json((f / "run.json").read_bytes()) for f in (first, again))
    assert comparable(one) == comparable(two)
    assert two.replay_of == one.run_id


def test_replay_without_the_inventory(suite: Suite) -> None:
    """The run keeps a copy: a folder that was sent by mail is judged again."""
    suite.run("--row=I01")
    folder = suite.runs[-1]
    suite.inventory.unlink()
    done = suite.run(f"--replay={folder}", inventory=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(suite.runs) == 2


def test_a_replay_of_a_folder_from_elsewhere_stays_there(suite: Suite) -> None:
    """A customer's data stays out of the clone: what is judged again lies beside what was sent."""
    suite.run("--row=I01")
    sent = suite.folder / "from-a-colleague" / suite.runs[-1].name
    sent.parent.mkdir()
    suite.runs[-1].rename(sent)
    suite.inventory.unlink()
    before = sorted((CLONE / "reports").glob("2*"))
    done = suite.run(f"--replay={sent / 'run.json'}", inventory=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted((CLONE / "reports").glob("2*")) == before
    assert len(list((sent.parent / "reports").glob("2*/run.json"))) == 1


def test_fleet_in_groups(suite: Suite) -> None:
    """Thousands of printers: an item carries a group, run.json still counts cases."""
    lines = ["name,address,vendor,terminal,delivery,site"]
    lines += [f"fleet{i},10.99.{i // 200 + 40}.{i % 200 + 1},hp,hp,raw,hq" for i in range(600)]
    (suite.folder / "printers.csv").write_text("\n".join(lines), "utf-8")
    text = suite.inventory.read_text("utf-8").replace("printers:\n", "printers:\n  - {csv: printers.csv}\n", 1)
    suite.inventory.write_text(text, "utf-8")
    done = suite.run("--collect-only")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    items = [line for line in done.stdout.splitlines() if "::" in line]
    assert len(items) < 1500
    done = suite.run("--row=P01")
    run = suite.last()
    assert len([c for c in run["cases"] if c["row"] == "P01" and c["outcome"] != "not run"]) > 1000, done.stdout[-2000:]


def test_site_checks_run_on_the_inventorys_hosts(suite: Suite) -> None:
    check = suite.folder / "test_mine.py"
    check.write_text(
        "def test_name(host):\n    assert host.run('hostname').stdout.strip() == host.backend.machine.name\n", "utf-8"
    )
    done = suite.run("-c", str(CLONE / "pytest.ini"), "tests/site", str(check), "--hosts=cml", "-v", "-v")
    assert done.returncode == 0, done.stdout + done.stderr
    names = [line for line in done.stdout.splitlines() if "::test_name[" in line and "PASSED" in line]
    assert [line.split("[", 1)[1].split("]", 1)[0] for line in names] == ["cml1", "cml2"], done.stdout


def test_observations_are_kept(suite: Suite) -> None:
    suite.run("--row=S03")
    kept = json.loads((suite.runs[-1] / "observations.json").read_text("utf-8"))["observations"]
    assert kept["hosts"]
    assert any(p["heard"] for p in kept["probes"].values())


def test_a_replay_leaves_what_lf_remembers_alone(suite: Suite) -> None:
    suite.run("--row=P01")
    green = suite.runs[-1].name
    broken = suite.run("--row=P01", "--scenario=printer-vlan-closed")
    assert broken.returncode == 1
    suite.run(f"--replay={green}")
    left = suite.run("--lf", "--collect-only", "--scenario=printer-vlan-closed")
    asked = [line for line in left.stdout.splitlines() if "[P01:" in line]
    assert 0 < len(asked) < 9
    assert len(asked) == sum(line.startswith("tests/") for line in left.stdout.splitlines())


def test_the_head_names_the_site_once(suite: Suite) -> None:
    assert suite.run("--row=W01", "-v").stdout.count("page: safeq 5") == 1
