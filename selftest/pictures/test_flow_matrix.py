"""The flow matrix: its numbers are the run's, every cell leads to its rows, and it stays small."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import cycle

import pytest
from generated import case, run_of, runs
from generated_sites import site_runs
from hypothesis import HealthCheck, given, settings

from preflight.report.marks import BY_SEVERITY, SIGNS, worst
from preflight.report.matrix import matrix_css, matrix_html
from preflight.report.matrix_ends import MOST_ENDS, matrix_of
from preflight.run.build import build_run, host_result
from preflight.run.model import Run
from preflight.run.model_site import RowResult
from preflight.values.outcome import Outcome, Verdict

OURS = {"div", "p", "span", "b", "a", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li"}
SIGN = {sign: outcome for outcome, sign in SIGNS.items()}
thoroughly = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Piece(HTMLParser):
    """Tags, attributes, cells with their links, and the blocks that they lead to."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.strange: list[str] = []
        self.links: dict[str, tuple[str, str]] = {}  # where to -> title and text
        self.blocks: dict[str, str] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= set(values)
        self.open.append(tag)
        self.link = values["href"][1:] if tag == "a" and "title" in values else ""
        if self.link:
            assert self.link not in self.links, "one link a cell"
            self.links[self.link] = (values["title"], "")
        if "pm-pair" in values.get("class", ""):
            assert values["id"] not in self.blocks
            self.blocks[values["id"]] = ""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.link = ""

    def handle_data(self, data: str) -> None:
        if self.link:
            title, text = self.links[self.link]
            self.links[self.link] = (title, text + data)
        elif self.blocks:
            self.blocks[list(self.blocks)[-1]] += data

    def handle_comment(self, data: str) -> None:
        self.strange.append(data)

    def handle_decl(self, decl: str) -> None:
        self.strange.append(decl)


@thoroughly
@given(site_runs())
def test_cells_add_up_to_the_runs_flow_cases(run: Run) -> None:
    matrix = matrix_of(run)
    counted = Counter(one.id for cases in (*matrix.cells.values(), matrix.unpaired) for one in cases)
    assert counted == Counter(one.id for one in run.cases if one.protocol is not None or one.source is not None)
    assert not [one for one in matrix.unpaired if one.source is not None and one.destination is not None]
    for (row, column), cases in matrix.cells.items():
        assert all(one.source in matrix.sources[row].members for one in cases)
        assert all(one.destination in matrix.destinations[column].members for one in cases)
    assert max(len(matrix.sources), len(matrix.destinations)) <= MOST_ENDS
    for ends in (matrix.sources, matrix.destinations):
        members = [name for end in ends for name in end.members]
        assert len(members) == len(set(members))


@thoroughly
@given(site_runs())
def test_every_cell_tells_its_worst_by_sign_and_number_and_leads_to_its_rows(run: Run) -> None:
    matrix, piece = matrix_of(run), Piece(matrix_html(run))
    assert set(piece.links) == set(piece.blocks) == {f"pm-{row}-{column}" for row, column in matrix.cells}
    for at, cases in matrix.cells.items():
        title, text = piece.links[f"pm-{at[0]}-{at[1]}"]
        tally = Counter(one.standing for one in cases)
        sign, number = text.split("\u00a0")
        assert SIGN[sign] is min(tally, key=BY_SEVERITY.index)
        assert int(number) == tally[SIGN[sign]]
        assert title.endswith(": " + ", ".join(f"{tally[o]} {o.value}" for o in BY_SEVERITY if tally[o]))
        assert all(row in piece.blocks[f"pm-{at[0]}-{at[1]}"] for row in {one.row for one in cases})


@pytest.mark.slow
@thoroughly
@given(runs() | site_runs(most_networks=3, most_hosts=8))
def test_nothing_of_a_host_gets_through_raw(run: Run) -> None:
    piece = Piece(matrix_html(run))
    assert piece.tags <= OURS
    assert piece.attributes <= {"class", "id", "href", "title", "aria-label", "role", "tabindex", "scope"}
    assert piece.strange == []


def test_a_row_of_the_page_is_linked_to_and_no_other() -> None:
    row = RowResult(
        id="S04",
        section="other",
        kind="flow",
        level="",
        requirement="",
        purpose="",
        when="",
        protocol="tcp",
        ports="",
        source="",
        destination="",
        note="",
    )
    failed = [(case(name, "cml1", "mfp1"), Verdict(Outcome.FAILED, "shut")) for name in ("S04", "P05")]
    run = run_of(failed).model_copy(update={"rows": (row,)})
    assert re.findall(r'href="#(row-[^"]+)"', matrix_html(run)) == ["row-S04"]


def test_a_run_without_flows_says_so() -> None:
    assert "No flow between two machines" in matrix_html(run_of([]))
    told = matrix_html(run_of([(case("I10", None, None), Verdict(Outcome.NOT_APPLICABLE, "no cluster"))]))
    assert "1 case (1 not applicable)" in told


def test_the_worst_is_the_first_that_a_reader_must_know_of() -> None:
    assert worst([Outcome.PASSED, Outcome.ADVISORY, Outcome.NOT_RUN]) is Outcome.NOT_RUN
    assert worst([Outcome.UNVERIFIED, Outcome.FAILED, Outcome.WAIVED]) is Outcome.FAILED
    assert set(BY_SEVERITY) == set(SIGNS) == set(Outcome)
    assert len(set(SIGNS.values())) == len(SIGNS), "each has a sign of its own"


@pytest.mark.slow
def test_devices_of_a_large_site_are_grouped_by_their_networks(two_thousand_printers: Run) -> None:
    matrix = matrix_of(two_thousand_printers)
    groups = {end.place: end for end in matrix.destinations if len(end.members) > 1}
    assert {place: len(end.members) for place, end in groups.items()} == {
        f"{site}-printers": 200 for site in ("hq", *(f"branch{n}" for n in range(1, 10)))
    }
    assert [end.label for end in matrix.sources[:2]] == ["cml1", "cml2"], "servers stay by themselves"
    failed = {at for at, cases in matrix.cells.items() if worst(one.standing for one in cases) is Outcome.FAILED}
    assert failed == {
        (
            next(n for n, end in enumerate(matrix.sources) if end.members == ("branch1-ors",)),
            matrix.destinations.index(groups["branch1-printers"]),
        )
    }


@pytest.mark.slow
def test_fifty_thousand_cases_in_the_widest_matrix_stay_under_a_megabyte() -> None:
    names = [f"printserver-{number:02}.branch.example" for number in range(MOST_ENDS)]
    hosts = [
        host_result(
            name, roles=["cml"], address="10.0.0.1", site="hq", network=None, managed_by=None, seen=None, phase=None
        )
        for name in names
    ]
    outcomes = cycle((Outcome.FAILED, Outcome.UNVERIFIED, Outcome.ADVISORY, Outcome.PASSED, Outcome.FAILED))
    pairs = [(source, destination) for source in names for destination in names]
    judged = [
        (replace(case("I10", *pair, id=f"{n}:{pair}"), row=f"R{n:02}"), Verdict(next(outcomes), "shut " * 400))
        for n in range(32)
        for pair in pairs
    ]
    run = build_run(run_of([]), judged, hosts=hosts, row_ids=[f"R{n:02}" for n in range(32)])
    assert len(run.cases) > 50_000
    matrix = matrix_of(run)
    assert (len(matrix.sources), len(matrix.destinations)) == (MOST_ENDS, MOST_ENDS)
    assert len((matrix_html(run) + matrix_css()).encode()) < 1_000_000


def test_every_class_has_its_rule_and_every_colour_a_fallback() -> None:
    shown = matrix_html(run_of([(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, "shut"))]))
    classes = {name for names in re.findall(r'class="([^"]+)"', shown) for name in names.split()}
    assert classes <= set(re.findall(r"\.(pm-[\w-]+)", matrix_css()))
    assert not re.findall(r"var\(--[\w-]+\)", matrix_css())
