"""The pieces of the HTML page as pytest-html really builds them in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from generated import case, run_of
from hypothesis import given
from hypothesis import strategies as st

from preflight.report.cells import details_html, header_cells, item_id, row_cells
from preflight.report.page import banner_html, hosts_html, style_css
from preflight.values.outcome import Outcome, Verdict

ROOT = Path(__file__).parents[2]
FAILED = Verdict(Outcome.FAILED, "refused <b>", "cml1 to mfp1", "RST", "Open it.", "accepted")

CONFTEST = """
import pytest
from generated import case, run_of
from preflight.report.cells import details_html, header_cells, row_cells
from preflight.report.page import banner_html, hosts_html, summary_html
from preflight.values.outcome import Outcome, Verdict
from pytest_html import extras

HOSTILE = "<script>alert(1)</script> </td> \\x1b[31m \\ud800 & \\\\Users \\\\x"
RUN = run_of([(case("S04", "cml1", "mfp1", note=HOSTILE), Verdict(Outcome.FAILED, *[HOSTILE] * 5))],
             site=HOSTILE, lab="default", lost={"cml1": HOSTILE})

def pytest_html_results_table_header(cells):
    cells[2:2] = header_cells()

def pytest_html_results_table_row(report, cells):
    cells[2:2] = row_cells(RUN.cases)

def pytest_html_results_summary(prefix, summary, postfix, session):
    prefix.append(banner_html(RUN))
    summary.append(summary_html(RUN))
    postfix.append(hosts_html(RUN))

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.extras = [extras.html(details_html(RUN.cases))]
    return report
"""


def test_pytest_html_takes_our_pieces_and_our_ids(tmp_path: Path) -> None:
    ids = ["S04:cml1>mfp1", "L02:büro\\Users\\x>p[1]&<script>"]
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "page.css").write_text(style_css(), encoding="utf-8")
    (tmp_path / "test_it.py").write_text(
        f"import pytest\n@pytest.mark.parametrize('n', [1, 2], ids={[item_id(i) for i in ids]!r})\ndef test(n): pass\n",
        encoding="utf-8",
    )
    code = "import sys, pytest; sys.path[:0] = sys.argv[1:3]; sys.exit(pytest.main(sys.argv[3:]))"
    options = ["--html=r.html", "--self-contained-html", "--css=page.css", "-p", "no:testinfra", "-q"]
    places = [str(ROOT), str(ROOT / "selftest" / "run")]
    command = [sys.executable, "-c", code, *places, "-c", "none.ini", "--rootdir=.", *options]
    (tmp_path / "none.ini").write_text("[pytest]\n", encoding="utf-8")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "LAB RUN" in page
    assert ".pf-lab" in page
    blob = re.search(r'data-jsonblob="([^"]*)"', page)
    assert blob is not None
    tests = json.loads(unescape(blob[1]))["tests"]
    assert [name.partition("[")[2] for name in tests] == ["S04:cml1>mfp1]", "L02:b_ro_Users_x>p_1___script>]"]
    for (shown,) in tests.values():
        told = "".join(shown["resultsTableRow"]) + shown["extras"][0]["content"]
        assert "<script" not in told
        assert "&lt;script&gt;alert(1)" in told
        assert (shown["pfRow"], shown["pfFrom"], shown["pfTo"]) == ("S04", "cml1", "mfp1")


@given(st.text())
def test_ids_survive_what_pytest_html_does_to_them(raw: str) -> None:
    name = item_id(raw)
    assert name.encode("utf-8").decode("unicode_escape") == name
    assert len(name) == len(raw)


def test_there_are_as_many_cells_as_heads_and_sorting_finds_their_keys() -> None:
    heads = [re.search(r'data-column-type="(\w+)"', cell) for cell in header_cells()]
    group = run_of([(case("S04", "cml1", f"p{n}"), FAILED) for n in range(9)]).cases
    for cases in ([], group[:1], group):
        cells = [re.search(r'class="col-(\w+)"', cell) for cell in row_cells(cases)]
        assert [h and h[1] for h in heads] == [c and c[1] for c in cells]


def test_a_group_is_told_by_its_worst_case_and_its_counts() -> None:
    told = [(case("S04", "cml1", f"p{n}"), Verdict(Outcome.PASSED, "heard")) for n in range(8)]
    run = run_of([*told, (case("S04", "cml1", "mfp1"), FAILED)])
    cells = row_cells(run.cases)
    assert cells[2] == '<td class="col-pfTo">p0, p1, p2 and 6 more</td>'
    assert ">passed 8</span>" in cells[4]
    assert ">failed 1</span>" in cells[4]
    assert cells[5] == '<td class="col-pfReason">refused &lt;b&gt;</td>'


def test_details_of_a_large_group_show_what_blocks_first_and_count_the_rest() -> None:
    told = [(case("S04", "cml1", f"p{n}"), Verdict(Outcome.PASSED, "heard")) for n in range(300)]
    html = details_html(run_of([*told, (case("S04", "cml1", "mfp1"), FAILED)]).cases)
    assert html.index("S04:cml1&gt;mfp1") < html.index("S04:cml1&gt;p0")
    assert "251 more cases" in html
    for told_of in ("cml1 to mfp1", "RST", "Open it.", "accepted"):
        assert told_of in html


@pytest.mark.parametrize(("lab", "shown"), [(None, False), ("default", True)])
def test_only_a_lab_run_has_the_banner(lab: str | None, shown: bool) -> None:
    assert ("LAB RUN" in banner_html(run_of([], lab=lab))) is shown


def test_hosts_that_were_not_reached_say_why() -> None:
    html = hosts_html(run_of([], lost={"cml2": "no route to host"}))
    assert "not reached: no route to host Start it." in html
    assert "Debian GNU/Linux 12 (bookworm)" in html
    assert "2 more machines run no agent" in html


def test_every_outcome_has_its_colour() -> None:
    for outcome in Outcome:
        assert f".pf-{outcome.value.replace(' ', '-')} {{" in style_css()
