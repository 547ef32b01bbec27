"""Waivers and attestations as a user meets them: the suite as a subprocess on the lab, its exit code, its files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from suite import Suite

from preflight.rulings.model import Rulings
from preflight.run.model import Run
from preflight.run.recorded import comparable

pytestmark = pytest.mark.slow
BROKEN = "--scenario=printer-vlan-closed"


def in_days(days: int) -> str:
    """The lab's date so many days from now."""
    return str(datetime.now(UTC).astimezone(ZoneInfo("Europe/Prague")).date() + timedelta(days=days))


def waiver(name: str, rows: str, hosts: str, until: str) -> str:
    return (
        f"  - id: {name}\n    requirement: {rows}\n    hosts: '{hosts}'\n    asked_by: Eva Nova\n"
        f"    approved_by: Jan Black\n    reason: the VLAN opens in spring\n    ticket: NET-7\n    until: {until}\n"
    )


def write(suite: Suite, *entries: str) -> None:
    (suite.folder / "waivers.yaml").write_text("waivers:\n" + "".join(entries), encoding="utf-8")


def attest(suite: Suite, row: str, hosts: str, until: str) -> None:
    (suite.folder / "attestations.yaml").write_text(
        f"attestations:\n  - {{id: A1, requirement: {row}, hosts: {hosts}, asked_by: Eva Nova, approved_by: Jan Black, "
        f"reason: asked with snmpwalk from the server, until: {until}}}\n",
        encoding="utf-8",
    )


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def test_everything_is_allowed(suite: Suite) -> None:
    """Exit 0 and letters of their own; every file counts what stands and keeps what was observed."""
    write(suite, waiver("W1", "'*'", "*", in_days(9)))
    attest(suite, "P10", "mfp1", in_days(100))
    done = suite.run(BROKEN)
    assert done.returncode == 0, done.stdout + done.stderr
    run = suite.last()
    outcomes = Counter((c["outcome"], c["standing"], c["ruling"]) for c in run["cases"])
    assert outcomes["failed", "waived", "W1"] > 20
    assert outcomes["unverified", "waived", "W1"] > 0
    assert outcomes["unverified", "attested", "A1"] > 0
    assert not [key for key in outcomes if key[1] in ("failed", "unverified")]
    assert {r["id"]: r["state"] for r in run["rulings"]} == {"W1": "used", "A1": "used"}
    waived = sum(count for key, count in outcomes.items() if key[1] == "waived")
    assert [r["cases"] for r in run["rulings"]] == [waived, outcomes["unverified", "attested", "A1"]]
    assert (run["counts"]["total"]["waived"], run["counts"]["total"]["failed"]) == (waived, 0)
    letters = "".join(line.split(" ")[0] for line in done.stdout.splitlines() if "%]" in line)
    assert (letters.count("w"), letters.count("t")) == (waived, outcomes["unverified", "attested", "A1"])
    assert f"{waived} waived" in done.stdout.splitlines()[-1]
    assert f"WAIVED  W1 until {in_days(9)} (ENDS IN 9 DAYS): {waived} cases, asked by Eva Nova, approved" in done.stdout
    assert "ATTESTED  A1 until" in done.stdout
    junit = ET.parse(suite.runs[-1] / "junit.xml").getroot()  # noqa: S314 - our own file
    assert junit.get("failures") == "0"
    told = Counter(p.get("value") for p in junit.iter("property") if p.get("name") == "standing")
    assert (told["waived"], told["failed"]) == (waived, 0)
    page = (suite.runs[-1] / "report.html").read_text("utf-8")
    assert "pf-waived" in page.partition("</style>")[2]
    for name in ("waivers.yaml", "attestations.yaml"):
        assert (suite.runs[-1] / "input" / name).read_bytes() == (suite.folder / name).read_bytes()


def test_expired_one_names_itself(suite: Suite) -> None:
    write(suite, waiver("W1", "'*'", "*", in_days(-1)))
    done = suite.run(BROKEN)
    assert done.returncode == 1, done.stdout + done.stderr
    run = suite.last()
    blocked = [c for c in run["cases"] if c["standing"] in ("failed", "unverified")]
    assert blocked
    said = f"waiver W1 of Eva Nova expired on {in_days(-1)}; "
    assert all(c["reason"].startswith(said) for c in blocked)
    assert [(r["state"], r["cases"], r["ends_in_days"]) for r in run["rulings"]] == [("expired", 0, -1)]
    assert f"    why:   {said}" in done.stdout
    assert f"EXPIRED  waiver W1 of Eva Nova, expired on {in_days(-1)}, 1 day ago" in done.stdout
    junit = ET.parse(suite.runs[-1] / "junit.xml").getroot()  # noqa: S314 - our own file
    messages = [e.get("message", "") for e in junit.iter("failure")]
    assert len(messages) == len(blocked)
    assert all(message.startswith(said) for message in messages)


def test_what_is_not_covered_still_blocks(suite: Suite) -> None:
    write(suite, waiver("W1", "S*", "*", in_days(9)))
    done = suite.run(BROKEN, "--row=S14,P10")
    assert done.returncode == 1, done.stdout + done.stderr
    standing = Counter((c["row"], c["standing"]) for c in suite.last()["cases"] if c["standing"] != "not run")
    assert standing["S14", "waived"] > 0
    assert standing["S14", "failed"] == 0
    assert standing["P10", "unverified"] > 0


def test_unneeded(suite: Suite) -> None:
    write(suite, waiver("W1", "C02", "cml1", in_days(90)))
    done = suite.run()
    assert done.returncode == 0, done.stdout + done.stderr
    run = suite.last()
    assert [(r["id"], r["state"]) for r in run["rulings"]] == [("W1", "unneeded")]
    assert any(note.startswith("waiver W1 of Eva Nova (waivers.yaml:2) is unneeded") for note in run["notes"])
    assert "unneeded  waiver W1 of Eva Nova, nothing that it is for is failed or unverified" in done.stdout


def test_replay_judges_with_the_copies_at_the_recorded_time(suite: Suite) -> None:
    """Also of a replay, after the files beside the inventory have changed and what was in force has expired."""
    write(suite, waiver("W1", "'*'", "*", in_days(1)), waiver("W2", "P10", "mfp1", in_days(-3)))
    suite.run(BROKEN)
    first = suite.runs[-1]
    recorded = json.loads((first / "run.json").read_text("utf-8"))
    # As if it had been recorded a year ago: what was in force then is so in a replay, whatever the clock says today.
    old: dict[str, str] = {"as_of": "2025-11-20T12:00:00.000Z"}
    for ruling, days in zip(recorded["rulings"], (1, -3), strict=True):
        ruling["until"] = str(datetime(2025, 11, 20, tzinfo=UTC).date() + timedelta(days=days))
        text = (first / "input" / "waivers.yaml").read_text("utf-8").replace(in_days(days), ruling["until"])
        (first / "input" / "waivers.yaml").write_text(text, encoding="utf-8")
    text = (first / "input" / "waivers.yaml").read_text("utf-8")
    old["rulings_digest"] = Rulings(texts={"waivers.yaml": text}).digest
    changed = json.dumps(recorded | old).replace(in_days(-3), recorded["rulings"][1]["until"])
    (first / "run.json").write_text(changed, encoding="utf-8")
    write(suite, waiver("W9", "L01", "*", in_days(50)))
    done = suite.run(f"--replay={first.name}")
    assert done.returncode == 0, done.stdout + done.stderr
    second = suite.runs[-1]
    assert second != first
    done = suite.run(f"--replay={second}", inventory=False)
    assert done.returncode == 0, done.stdout + done.stderr
    third = suite.runs[-1]
    assert third not in (first, second)
    runs = [Run.model_validate_json((f / "run.json").read_bytes()) for f in (first, second, third)]
    assert [r.state for r in runs[0].rulings] == ["used", "expired"]
    assert comparable(runs[1]) == comparable(runs[0])
    assert comparable(runs[2]) == comparable(runs[0])


def test_replay_refuses_copies_that_are_not_those_of_the_run(suite: Suite) -> None:
    """A waiver written into a run's input/ afterwards would sign off what nobody had waived, and none would notice."""
    write(suite, waiver("W1", "S14", "mfp1", in_days(9)))
    attest(suite, "P10", "mfp1", in_days(100))
    suite.run(BROKEN, "--row=S14,P10")
    folder = suite.runs[-1]
    kept = folder / "input" / "waivers.yaml"
    text = kept.read_text("utf-8")

    def replay() -> str:
        done = suite.run(f"--replay={folder.name}")
        assert done.returncode == 4, done.stdout + done.stderr
        assert suite.runs == [folder]
        return done.stdout + done.stderr

    kept.write_text("waivers:\n" + waiver("W1", "'*'", "*", in_days(900)), encoding="utf-8")
    assert "the rulings are not those" in (said := replay())
    assert "waivers.yaml or attestations.yaml was changed" in said
    kept.unlink()
    assert "waivers.yaml is gone" in replay()
    kept.write_text(text, encoding="utf-8")
    assert suite.run(f"--replay={folder.name}").returncode == 1


def test_replay_of_a_run_without_rulings_takes_none(suite: Suite) -> None:
    suite.run(BROKEN, "--row=S14")
    first = suite.runs[-1]
    write(suite, waiver("W1", "'*'", "*", in_days(9)))
    done = suite.run(f"--replay={first.name}")
    assert done.returncode == 1, done.stdout + done.stderr
    assert suite.last()["rulings"] == []


@pytest.mark.parametrize("options", [(), ("--collect-only",)], ids=["run", "collect"])
def test_broken_file_ends_before_a_host_is_touched(suite: Suite, options: tuple[str, ...]) -> None:
    write(suite, waiver("W1", "S04", "nobody", "2027-13-01"), waiver("W1", "S99", "cml1", in_days(9)))
    done = suite.run(*options)
    assert done.returncode == 4, done.stdout + done.stderr
    told = done.stdout + done.stderr
    file = suite.folder / "waivers.yaml"
    assert f"{file}:9: waivers[0].until: '2027-13-01' is no date" in told
    assert f"{file}:10: waivers[1].id: id 'W1' is already that of waivers[0].id (line 2); change one" in told
    assert f"{file}:11: waivers[1].requirement[0]: the page has no row 'S99'" in told
    assert not (suite.folder / "reports").exists()
