"""The change request as files: what a host says stays text everywhere, the same run gives the same bytes."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from change_sites import site_of
from generated import HOSTILE, case, head, ruling, run_of, runs
from hypothesis import HealthCheck, given, settings
from test_markdown_view import HOSTILE_MARKDOWN, outside

from preflight.report.change.table import NOTHING, NOTHING_ELSE
from preflight.report.spreadsheet import Sheet, csv_bytes, xlsx_bytes
from preflight.report.views import VIEWS, recorded
from preflight.run.model import Run
from preflight.run.store import run_bytes
from preflight.values.outcome import Outcome, ShutPort, Verdict

OURS = ("change-request.csv", "change-request.xlsx", "change-request.md", "host-firewall.ps1")
FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1")
# Outside of code spans a ticket holds our own words alone: no link, mention, number of a ticket, emoji or formula.
SKELETON = re.compile(r"(# |## )?[-A-Za-z0-9 .,:;()*|'/]*")
DIGESTS = """
import hashlib, pathlib, sys
from preflight.report.views import VIEWS, recorded
from preflight.run.model import Run
content = pathlib.Path(sys.argv[1]).read_bytes()
run = recorded(Run.model_validate_json(content), content)
for name, view in VIEWS.items():
    print(name, hashlib.sha256(view(run)).hexdigest())
"""
generously = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def made(run: Run) -> dict[str, bytes]:
    """Our views of a run."""
    return {name: VIEWS[name](recorded(run, run_bytes(run))) for name in OURS}


def hostile_run(text: str) -> Run:
    """One shut way, with that text wherever a host or an inventory can put it."""
    shut = (ShutPort("tcp", 5012, "10.1.1.11", ("destination",)),)
    one = case("S04", text, "cml1", ports=(5012,), purpose=text, remedy=text, requirement=text)
    seen = Verdict(Outcome.FAILED, text, remedy=text, seen=text, shut=shut)
    dead = (case("S04", "mfp2", "cml2", ports=(5012,)), Verdict(Outcome.FAILED, text, remedy=text))
    return run_of([(one, seen), dead], customer=text, site=text, scenario=text)


def cells(xlsx: bytes) -> list[str]:
    """All texts of a workbook, with its formulas marked."""
    found = []
    with zipfile.ZipFile(io.BytesIO(xlsx)) as book:
        for name in book.namelist():
            if name.startswith(("xl/worksheets/sheet", "xl/sharedStrings")):
                root = ET.fromstring(book.read(name))  # noqa: S314
                for element in root.iter():
                    tag = element.tag.rpartition("}")[2]
                    if tag in ("t", "f"):
                        found.append(("formula: " if tag == "f" else "") + (element.text or ""))
    return found


def test_waived_ways_are_named_with_their_waiver_and_are_in_no_rule() -> None:
    shut = (ShutPort("tcp", 5012, "10.1.1.11", ("network",)), ShutPort("tcp", 5013, "10.1.1.11", ("network",)))
    failed = Verdict(Outcome.FAILED, "dropped", shut=shut)
    ways = [case("S04", name, "cml1", ports=(5012, 5013)) for name in ("mfp1", "mfp2")]
    dead = case("S04", "mfp1", "cml2", ports=(5012,))
    waiver = ruling("W1", "waiver", ticket="NET-7", until="2027-03-31", reason="the VLAN opens in spring")
    over = {one.id: "W1" for one in (*ways, dead)}
    judged = [*((one, failed) for one in ways), (dead, Verdict(Outcome.FAILED, "nobody listens"))]
    files = made(run_of(judged, rulings=[waiver], laid_over=over, rows=["S04"]))
    told = files["change-request.md"].decode()
    assert "## Shut, and left out because it is waived" in told
    assert "2 flows were seen shut and are left out, since the site has waived them for a time" in told
    assert (
        "- `S04`, until `2027-03-31`: waiver `W1`, asked by `Eva`, approved by `Jan`, ticket `NET-7`: "
        "`the VLAN opens in spring` (`S04:mfp1>cml1` and 1 more)"
    ) in told
    assert "S04:mfp1>cml2" not in told, "a dead service is no firewall's matter"
    assert "No rule is asked for: of the required flows that failed, waived ones alone were proven to be shut." in told
    texts = cells(files["change-request.xlsx"])
    for text in ("S04:mfp2>cml1", "5012-5013", "W1", "2027-03-31", "NET-7"):
        assert text in texts
    assert "waived ones alone" in files["change-request.csv"].decode()
    assert "waived ones alone" in files["host-firewall.ps1"].decode("utf-8-sig")


@pytest.mark.slow
@generously
@given(runs())
def test_any_run_gives_all_files_twice_the_same(run: Run) -> None:
    assert made(run) == made(run.model_copy())


@pytest.mark.slow
def test_no_order_of_sets_gets_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(run_bytes(site_of(3, tmp_path).run))
    told = []
    for seed in ("1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "-c", DIGESTS, str(tmp_path / "run.json")],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        told.append(done.stdout)
    assert len(told[0]) > 4 * 64
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize(
    "text", [*HOSTILE, *HOSTILE_MARKDOWN, *FORMULAS, "a | b `c` [d](http://e) <img src=x> @f #1 www.g.cz", "x" * 5000]
)
def test_hostile_text_stays_text(text: str) -> None:
    files = made(hostile_run(text))
    sheet = files["change-request.csv"].decode("utf-8-sig")
    assert not [c for row in csv.reader(io.StringIO(sheet)) for c in row if c.lstrip().startswith(("=", "+", "-", "@"))]
    assert not [cell for cell in cells(files["change-request.xlsx"]) if cell.startswith("formula")]
    page = files["change-request.md"].decode()
    for line in outside(page):
        assert SKELETON.fullmatch(line), line
    assert len({line.count("|") for line in page.splitlines() if line.startswith("|")}) == 1
    for name in ("change-request.csv", "change-request.md", "host-firewall.ps1"):
        assert not re.search(
            "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", files[name].decode()
        )


def test_nothing_to_ask_for_is_said() -> None:
    files = made(run_of([(case("S04", "mfp1", "cml1"), Verdict(Outcome.PASSED, "open"))]))
    assert NOTHING in files["change-request.csv"].decode()
    assert NOTHING in cells(files["change-request.xlsx"])
    assert NOTHING in files["change-request.md"].decode()
    assert "New-NetFirewallRule" not in files["host-firewall.ps1"].decode()


def test_csv_and_xlsx_say_the_same(tmp_path: Path) -> None:
    files = made(site_of(3, tmp_path).run)
    rows = list(csv.reader(io.StringIO(files["change-request.csv"].decode("utf-8-sig"))))
    assert len(rows) > 3
    texts = cells(files["change-request.xlsx"])
    assert [cell for row in rows[1:] for cell in row if cell and not cell.isdigit() and cell not in texts] == []


def test_what_is_waived_must_stay_shut_or_is_unproven_is_not_asked_for() -> None:
    shut = (ShutPort("tcp", 9100, "10.1.1.11", ("network",)),)
    failed = Verdict(Outcome.FAILED, "shut", shut=shut)
    waived = case("S04", "mfp1", "cml1")
    restricted = case("I10", "mfp1", "cml1", restricted=True)
    dead = case("P05", "mfp1", "cml1")
    run = run_of(
        [(waived, failed), (restricted, failed), (dead, Verdict(Outcome.FAILED, "dead service"))],
        rulings=[ruling("R1", "waiver")],
        laid_over={waived.id: "R1"},
    )
    text = made(run)["change-request.md"].decode()
    assert NOTHING_ELSE in text
    assert "1 failed flow is not in it" in text
    assert "P05" in text


def test_stand_in_is_let_through_too_and_said() -> None:
    shut = (ShutPort("tcp", 5012, "10.1.1.11", ("network",)),)
    seen = Verdict(Outcome.FAILED, "shut", stand_in="cml2", probes=("cml2>cml1@10.1.1.11:5012/tcp",), shut=shut)
    text = made(run_of([(case("S04", "mfp1", "cml1", ports=(5012,)), seen)]))["change-request.csv"].decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["from addresses"] == "10.1.1.12, 10.2.0.11"
    assert row["note"].startswith("cml2 asked in the place of mfp1: it must be let through as well")


def test_whole_range_where_a_sample_was_asked() -> None:
    one = case("S04", "mfp1", "cml1", ports=(50000, 50100), notation="sample", spans=((50000, 50100),))
    seen = Verdict(Outcome.FAILED, "shut", shut=(ShutPort("tcp", 50000, "10.1.1.11", ("network",)),))
    text = made(run_of([(one, seen)]))["change-request.csv"].decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text)))["ports"] == "50000-50100"


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_defused(text: str) -> None:
    line = csv_bytes(Sheet("A", ("h",), [(text,), (f"a; {text}",)])).decode("utf-8-sig").splitlines()
    assert not [cell for cell in ";".join(line).split(";") if cell.strip(' "').startswith(("=", "+", "-", "@"))]


def test_dates_of_a_workbook_are_the_runs() -> None:
    book = xlsx_bytes([Sheet("A", ("b",), [("c",)])], datetime(2026, 11, 22, tzinfo=UTC))
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert "2026-11-22" in parts.read("docProps/core.xml").decode()
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}, "not of today"


@pytest.mark.parametrize("platform", ["win32", "linux", "darwin"])
def test_a_workbook_is_the_same_on_every_platform(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet("A", ("b",), [("c" * 5000,)])
    here = xlsx_bytes([sheet])
    # What differs there: the zip's word for who made it, modes and ends of lines of files, the packer.
    monkeypatch.setattr(zipfile, "sys", SimpleNamespace(**vars(sys) | {"platform": platform}))
    monkeypatch.setattr(os, "open", refused)
    monkeypatch.setattr("builtins.open", refused)
    packer = zlib.compressobj
    monkeypatch.setattr(zlib, "compressobj", lambda _, *rest: packer(1, *rest))
    assert zipfile.ZipInfo("x").create_system == (0 if platform == "win32" else 3)
    assert xlsx_bytes([sheet]) == here
    with zipfile.ZipFile(io.BytesIO(here)) as parts:
        assert {(part.create_system, part.external_attr, part.compress_type) for part in parts.infolist()} == {
            (3, 0o644 << 16, zipfile.ZIP_STORED)
        }


def refused(*_: object, **__: object) -> None:
    """What a workbook must not be made with."""
    raise AssertionError("that differs from platform to platform")


def test_csv_is_what_excel_reads() -> None:
    assert csv_bytes(Sheet("A", ("h",), [("a,b",), (7,)])) == b'\xef\xbb\xbfh\r\n"a,b"\r\n7\r\n'


def test_markdown_keeps_what_it_says() -> None:
    text = made(hostile_run("GH-12 :boom: $x$"))["change-request.md"].decode()
    assert "# Firewall change request: `GH-12 :boom: $x$`, `GH-12 :boom: $x$`" in text
    assert "| 1 | `GH-12 :boom: $x$` (`address not known`) in " in text
    assert head().customer in made(run_of([]))["change-request.md"].decode()
