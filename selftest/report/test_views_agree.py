"""Every view tells the same numbers, and no text of a host gets through raw, whatever came out."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from generated import HOSTILE, OBSERVED, ROWS, case, ruling, run_of, runs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.report.cells import details_html, row_cells, tag
from preflight.report.junit import junit_xml
from preflight.report.page import banner_html, hosts_html, summary_html
from preflight.report.recorded import recorded
from preflight.report.signoff.assembly import signoff_html
from preflight.report.summary import summary_md
from preflight.report.table_csv import cases_csv
from preflight.report.terminal import blocking, summary_table, verdict_line
from preflight.report.text import columns
from preflight.run.merge import merge
from preflight.run.model import Run
from preflight.run.store import run_bytes
from preflight.values.outcome import Outcome, Verdict

FAILING, SKIPPED = {"failed", "unverified"}, {"not applicable", "not run"}
OURS = {"div", "small", "table", "tr", "th", "td", "p", "caption", "span", "b", "dl", "dt", "dd"}
generously = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Page(HTMLParser):
    """Collects tags, attributes and text, and remembers whether all tags were closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.strange: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th") and self.rows:
            self.rows[-1][-1] += data

    def handle_comment(self, data: str) -> None:
        self.strange.append(data)

    def handle_decl(self, decl: str) -> None:
        self.strange.append(decl)


def parsed(run: Run) -> ET.Element:
    return ET.fromstring(junit_xml(run))  # noqa: S314 - we wrote it


def html_of(run: Run) -> list[str]:
    cells = "".join(row_cells(run.cases)) + "".join("".join(row_cells([one])) for one in run.cases)
    return [banner_html(run), summary_html(run), hosts_html(run), details_html(run.cases), cells]


def counted_tables(page: bytes) -> list[list[list[str]]]:
    """The numbers of the sign-off page's room of counts, table by table."""
    room = page.decode().partition('<section id="counts"')[2].partition("</section>")[0]
    tables = re.findall("<tbody>(.*?)</tbody>", room, re.DOTALL)
    return [[row[1:] for row in Page(f"<table>{body}</table>").rows] for body in tables]


@pytest.mark.slow
@generously
@given(st.lists(runs(), min_size=2, max_size=3))
def test_the_parts_of_a_merged_run_add_up_in_every_view_that_shows_them(told: list[Run]) -> None:
    parts = [
        run.model_copy(update={"customer": f"customer {number}", "lab": None, "run_id": f"r{number}"})
        for number, run in enumerate(told)
    ]
    run = merge([(part, str(number)) for number, part in enumerate(parts)], "merged")
    total = list(run.counts.total.values())
    *lines, last = counted_tables(signoff_html(recorded(run, b"")))[2]
    rows = [[int(cell.replace(",", "")) for cell in row] for row in lines]
    assert [sum(column) for column in zip(*rows, strict=True)] == total == [int(cell) for cell in last]
    text = summary_md(run, "0" * 64).decode()
    table = text[text.index("## Merged from") :].split("\n")[4:]
    assert [[int(cell) for cell in line.split("|")[2:-1]] for line in table if line.startswith("|")] == rows


@generously
@given(runs())
def test_terminal_junit_and_page_count_as_the_run_does(run: Run) -> None:
    keys = [*Outcome, "total"]
    expected = [[str(counts[key]) for key in keys] for counts in (*run.counts.sections.values(), run.counts.total)]
    lines = [line.text for line in summary_table(run, 120) if re.search(r"\d$", line.text)]
    seldom = [o for o in (Outcome.WAIVED, Outcome.ATTESTED) if not run.counts.total[o]]  # no column without any
    narrow = [[count for key, count in zip(keys, row, strict=True) if key not in seldom] for row in expected]
    assert [line.split()[-len(narrow[0]) :] for line in lines] == narrow
    assert lines[-1].startswith("TOTAL")

    rows = [row[1:] for row in Page(summary_html(run)).rows if re.fullmatch(r"\d+", row[-1])]
    assert rows == expected

    root = parsed(run)
    by_outcome = Counter(p.get("value") for p in root.iterfind(".//testcase/properties/property[@name='standing']"))
    assert by_outcome == +Counter({o.value: run.counts.total[o] for o in Outcome})
    for element, counts in [(root, run.counts.total), *zip(root, run.counts.sections.values(), strict=True)]:
        assert int(element.get("tests", "")) == counts["total"] == len(list(element.iter("testcase")))
        assert int(element.get("failures", "")) == sum(counts[o] for o in FAILING) == len(list(element.iter("failure")))
        assert int(element.get("skipped", "")) == sum(counts[o] for o in SKIPPED) == len(list(element.iter("skipped")))
        assert element.get("errors") == "0"

    told = json.loads(run_bytes(run))
    lines = list(csv.DictReader(io.StringIO(cases_csv(run).decode("utf-8-sig"), newline="")))
    for cases in (told["cases"], lines):
        assert Counter(c["standing"] for c in cases) == +Counter({o.value: run.counts.total[o] for o in Outcome})
        for section, counts in run.counts.sections.items():
            assert sum(c["section"] == section for c in cases) == counts["total"]
    assert told["counts"] == run.counts.model_dump()

    page = counted_tables(signoff_html(recorded(run, run_bytes(run))))
    assert page[1] == expected, "by section; the first table is by level"
    assert page[0][-1] == expected[-1]

    table = [line for line in summary_md(run, "0" * 64).decode().split("\n") if line.startswith("|")]
    cells = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in table]
    assert [row[1:] for row in cells[2:]] == expected
    assert [row[0].strip("`") for row in cells[2:]] == [*(s.replace("_", " ") for s in run.counts.sections), "all"]


@pytest.mark.slow
@generously
@given(runs())
def test_no_text_acts_on_terminal_page_or_file(run: Run) -> None:
    for width in (40, 80, 200):
        lines = [*summary_table(run, width), *blocking(run, width=width), verdict_line(run)]
        assert all(line.text.isprintable() for line in lines)
        assert all(columns(line.text) <= width for line in blocking(run, width=width))
    for line in [*summary_table(run, 80, ascii_only=True), *blocking(run, ascii_only=True)]:
        line.text.encode("ascii")
    for html in html_of(run):
        page = Page(html)
        assert page.tags <= OURS
        assert page.attributes <= {"class"}
        assert page.open == page.strange == []
        html.encode("utf-8")
    parsed(run)
    assert all(line.isprintable() for line in run.model_dump_json(indent=1).splitlines())


@pytest.mark.parametrize("hostile", [*HOSTILE, "x" * 10_000_000, "<b>\x1b[1m\ud800" * 1_500_000])
def test_views_of_hostile_answers_stay_small_and_inert(hostile: str) -> None:
    verdict = Verdict(Outcome.FAILED, hostile, hostile, hostile, hostile, hostile, hostile, (hostile,), (hostile,))
    bad = case("S04", "cml1", "mfp1", note=hostile, requirement=hostile)
    run = run_of([(bad, verdict)], lost={"cml2": hostile}, site=hostile, notes=[hostile])
    for html in html_of(run):
        assert len(html) < 200_000
        assert Page(html).tags <= OURS
    assert len(junit_xml(run)) < 100_000
    assert sum(len(line.text) for line in blocking(run)) < 4_000


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_shown_in_every_view(outcome: Outcome) -> None:
    laid = {Outcome.WAIVED: "waiver", Outcome.ATTESTED: "attestation"}.get(outcome)
    below = {Outcome.WAIVED: Outcome.FAILED, Outcome.ATTESTED: Outcome.UNVERIFIED}.get(outcome, outcome)
    verdict = None if outcome is Outcome.NOT_RUN else Verdict(below, "this is why", "asked that", "seen this", "do")
    run = run_of(
        [(case("S04", "cml1", "mfp1"), verdict)],
        not_run={"S04:cml1>mfp1": "this is why"},
        rulings=[ruling("R1", laid)] if laid else [],
        laid_over={"S04:cml1>mfp1": "R1"} if laid else {},
    )
    assert tag(outcome) in row_cells(run.cases)[4]
    assert tag(outcome) in details_html(run.cases)
    assert b'name="standing" value="%b"' % outcome.value.encode() in junit_xml(run)
    assert outcome.value in summary_table(run, 120)[0].text
    shown = "\n".join(line.text for line in blocking(run))
    assert ("this is why" in shown) is (outcome in (Outcome.FAILED, Outcome.UNVERIFIED, Outcome.ADVISORY))


def test_an_empty_run_has_views_too() -> None:
    run = run_of([], rows=list(ROWS))
    assert summary_table(run, 80)[-1].text.split() == ["TOTAL", *["0"] * (len(OBSERVED) + 1)]
    assert blocking(run) == []
    assert "partial" in verdict_line(run).text
    parsed(run)
