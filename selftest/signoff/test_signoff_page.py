"""What stands in the sign-off page: every room, every case, no markup of a stranger, and the same bytes each time."""

from __future__ import annotations

import re
from collections import Counter
from typing import get_args

import pytest
from generated import HOSTILE, case, ruling, run_of, runs
from hypothesis import HealthCheck, given, settings
from page_reading import Page
from signoff_runs import DIGEST, EVIL, fleet, hostile_run, recorded_of

from preflight.report.signoff.assembly import signoff_html
from preflight.report.signoff.head import head_html
from preflight.run.model import Run
from preflight.run.model_rulings import Change, Comparison, RulingState
from preflight.run.store import run_bytes
from preflight.values.outcome import Outcome, Verdict

ROOMS = ["decision", "particulars", "counts", "changes", "blocking", "untested", "page"]
ROOMS += ["machines", "rulings", "method", "signature"]
generously = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MEGABYTE = 1_000_000


def page_of(run: Run) -> Page:
    return Page(signoff_html(recorded_of(run)).decode("utf-8"))


def cases_of(run: Run) -> Counter[tuple[str, str]]:
    return Counter((one.id, one.standing.value) for one in run.cases)


def test_the_rooms_stand_in_their_order() -> None:
    page = page_of(hostile_run())
    assert [name for name in page.anchors if name in ROOMS] == ROOMS
    assert next(level for level, _ in page.headings) == "h1"
    assert Counter(level for level, _ in page.headings)["h1"] == 1
    assert not page.open, "everything is closed"


@pytest.mark.slow
@generously
@given(runs())
def test_every_case_can_be_read_off_the_page_with_its_outcome(run: Run) -> None:
    assert page_of(run).cases() == cases_of(run)


@pytest.mark.slow
@pytest.mark.parametrize("unlike", [False, True])
def test_no_case_of_a_fleet_is_lost(unlike: bool) -> None:
    run = fleet(3_000, unlike=unlike)
    assert page_of(run).cases() == cases_of(run)


def test_names_that_the_short_form_cannot_carry_are_written_whole() -> None:
    passed = Verdict(Outcome.PASSED, "heard")
    run = run_of([(case("S04", source, "mfp1"), passed) for source in ("a, b", "c>d", "2001:db8::6", "plain")])
    html = signoff_html(recorded_of(run)).decode("utf-8")
    for told in ("S04:a, b&gt;mfp1", "S04:c&gt;d&gt;mfp1", "S04:2001:db8::6&gt;mfp1", "<li>plain &gt; mfp1</li>"):
        assert told in html


@pytest.mark.slow
@generously
@given(runs())
def test_the_same_run_makes_the_same_bytes_also_after_it_was_read_back(run: Run) -> None:
    again = Run.model_validate_json(run_bytes(run))
    assert signoff_html(recorded_of(run)) == signoff_html(recorded_of(again))


@pytest.mark.slow
@pytest.mark.parametrize("text", [EVIL, *HOSTILE, "x" * 10_000_000, EVIL * 20_000], ids=range(len(HOSTILE) + 3))
def test_nothing_of_a_stranger_becomes_markup(text: str) -> None:
    ours, page = page_of(hostile_run("harmless")), page_of(hostile_run(text))
    assert page.tags["script"] == 1
    assert set(page.tags) == set(ours.tags)
    assert page.attributes == ours.attributes
    assert {link[:1] for link in page.links} == {"#"}
    assert len(signoff_html(recorded_of(hostile_run(text)))) < MEGABYTE


def test_no_style_takes_in_what_a_run_is_named() -> None:
    for name, shown in (("20261122T235959Z-hq", True), ('x" } body { display: none', False)):
        html = signoff_html(recorded_of(hostile_run(run_id=name))).decode("utf-8")
        styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
        assert (name in styles) is shown
        assert "display: none }" not in styles.replace(" !important", "")


@pytest.mark.parametrize(("cases", "most"), [(100, MEGABYTE // 4), (5_000, 3 * MEGABYTE), (50_000, 15 * MEGABYTE)])
@pytest.mark.parametrize("unlike", [False, True], ids=["like", "unlike"])
@pytest.mark.slow
def test_size(cases: int, most: int, unlike: bool) -> None:
    assert len(signoff_html(recorded_of(fleet(cases, unlike=unlike)))) < most


@generously
@given(runs())
def test_the_counts_are_those_of_the_run(run: Run) -> None:
    html = signoff_html(recorded_of(run)).decode("utf-8")
    total = re.findall(r'<tr class="total"><th scope="row">total</th>(.*?)</tr>', html)
    keys = [*Outcome, "total"]
    assert [re.findall(r">(\d+)</td>", line) for line in total] == [[str(run.counts.total[k]) for k in keys]] * 2
    by_level = html.partition("Cases by requirement level")[2].partition("Cases by section")[0]
    lines = re.findall(r'<th scope="row">(mandatory|optional|recommended)</th>(.*?)</tr>', by_level)
    counted = {level: [int(n) for n in re.findall(r">(\d+)</td>", line)] for level, line in lines}
    for level, numbers in counted.items():
        cases = Counter(one.standing for one in run.cases if one.level == level)
        assert numbers == [*(cases[o] for o in Outcome), cases.total()]


def test_every_table_has_a_caption_and_heads_with_a_scope() -> None:
    html = signoff_html(recorded_of(hostile_run("x"))).decode("utf-8")
    tables = re.findall(r"<table.*?</table>", html, re.DOTALL)
    assert len(tables) > 8
    assert [table for table in tables if "<caption" not in table or 'scope="col"' not in table] == []
    assert re.findall(r"<th(?=[ >])(?![^>]* scope=)[^>]*>", html) == []


def test_every_link_of_the_page_leads_somewhere() -> None:
    page = page_of(fleet(2_000))
    assert len(page.links) > 100
    assert {link[1:] for link in page.links} <= set(page.anchors)
    assert [name for name, times in Counter(page.anchors).items() if times > 1] == []


def test_findings_stand_in_order_of_severity_with_remedy_and_evidence() -> None:
    def one(destination: str, outcome: Outcome, level: str) -> tuple:
        verdict = Verdict(outcome, f"why {destination}", "asked it", "saw it", "mend it", "own table", "v1")
        return case("S04", "cml1", destination, level=level), verdict

    judged = [
        one("a", Outcome.UNVERIFIED, "optional"),
        one("b", Outcome.FAILED, "optional"),
        one("c", Outcome.UNVERIFIED, "mandatory"),
        one("d", Outcome.FAILED, "mandatory"),
        (case("I10", "cml2", "mfp1"), Verdict(Outcome.UNVERIFIED, "cml2 could not be reached: down")),
    ]
    html = signoff_html(recorded_of(run_of(judged, lost={"cml2": "down"}))).decode("utf-8")
    findings = re.findall(r"<article .*?</article>", html, re.DOTALL)
    assert [re.search(r"cml2 could not|why (.)", text)[0] for text in findings] == [  # type: ignore[index]
        "cml2 could not",
        "why d",
        "why b",
        "why c",
        "why a",
    ]
    for told in ("asked it", "saw it", "mend it", "own table", "v1 asked or listened"):
        assert told in findings[1]
    assert "Start it." in findings[0]


def test_what_was_not_tested_tells_its_reasons_and_rows() -> None:
    judged = [
        (case("S04", "cml1", "mfp1"), None),
        (case("P05", "cml1", "mfp1"), Verdict(Outcome.NOT_APPLICABLE, "no printers there")),
        (case("I10", "cml1", "mfp1"), Verdict(Outcome.UNVERIFIED, "no machine to ask from")),
    ]
    run = run_of(judged, not_run={"S04:cml1>mfp1": "left out by --row=P*"})
    part = signoff_html(recorded_of(run)).decode("utf-8").partition('id="untested"')[2].partition("</section>")[0]
    for row, reason in (("S04", "left out by --row=P*"), ("P05", "no printers there"), ("I10", "no machine to ask")):
        assert re.search(rf'<td>{re.escape(reason)}.*?#row-{row}"', part)


@pytest.mark.parametrize(
    ("days", "state", "told"),
    [
        (-1, "expired", ">expired<"),
        (0, "used", ">ends today<"),
        (1, "used", ">ends in 1 day<"),
        (30, "used", ">ends in 30 days<"),
        (31, "unneeded", "<small>ends in 31 days<"),
        (31, "overruled", "lies over nothing"),
        (31, "no case", "nothing of it was asked"),
    ],
)
def test_rulings_tell_who_and_until_when_and_flag_those_that_end_soon(days: int, state: str, told: str) -> None:
    run = run_of([], rulings=[ruling("R1", "waiver", ends_in_days=days, state=state)])
    part = signoff_html(recorded_of(run)).decode("utf-8").partition('id="rulings"')[2].partition("</section>")[0]
    assert told in part
    assert all(text in part for text in ("Eva", "Jan", "2027-01-31", "agreed", "waivers.yaml:2"))
    assert ("end within 30 days" in part) is (0 <= days <= 30)


def test_every_state_of_a_ruling_has_its_words_and_a_glob_is_no_link() -> None:
    rulings = [ruling(f"R{n}", "waiver", state=state) for n, state in enumerate(get_args(RulingState))]
    rulings.append(ruling("R9", "waiver", requirement=("P*", "S04"), hosts=("*",), source=("cml1",)))
    run = run_of([(case("S04", "cml1", "mfp1"), Verdict(Outcome.PASSED, "heard"))], rulings=rulings)
    part = signoff_html(recorded_of(run)).decode("utf-8").partition('id="rulings"')[2]
    assert all(f"{each.id}<br>" in part for each in rulings)
    assert 'P*, <a href="#row-S04">S04</a><br><small>from cml1</small>' in part


def test_changes_tell_what_got_worse_first() -> None:
    def change(kind: str, row: str) -> Change:
        values = {"case": f"{row}:x", "row": row, "kind": kind, "reason": "now shut"}
        return Change.model_validate(values | {"before": Outcome.PASSED, "after": Outcome.FAILED})

    compared = Comparison(
        run_id="earlier",
        started="2026-11-20T01:00:00Z",
        accepted=True,
        unchanged=7,
        not_compared=3,
        differs=("the inventory <b>has changed</b>",),
        changes=(change("fixed", "S01"), change("regressed", "S04"), change("regressed", "S04")),
    )
    judged = [(case("S04", "cml1", "mfp1"), Verdict(Outcome.PASSED, "heard"))]
    run = run_of(judged).model_copy(update={"comparison": compared})
    part = signoff_html(recorded_of(run)).decode("utf-8").partition('id="changes"')[2].partition("</section>")[0]
    assert "2 regressed, 1 fixed" in part
    assert "accepted baseline" in part
    assert "7 cases as before, 3 cases not run in one of the two" in part
    assert "Not only the outcomes differ: the inventory &lt;b&gt;has changed" in part
    assert part.index("#row-S04") < part.index("<td>S01</td>"), "only a row that is there is led to"
    assert part.count("#row-S04") == 1, "like changes are one line"


def test_the_digest_stands_where_it_is_signed() -> None:
    html = signoff_html(recorded_of(run_of([]))).decode("utf-8")
    assert DIGEST in html.partition('id="signature"')[2]
    assert html.count('class="sign"') == 2


def test_a_ruling_hides_neither_the_outcome_below_it_nor_itself() -> None:
    judged = [(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, "refused"))]
    run = run_of(judged, rulings=[ruling("R7", "waiver")], laid_over={"S04:cml1>mfp1": "R7"})
    html = signoff_html(recorded_of(run)).decode("utf-8")
    entry = html.partition('data-o="waived"')[2].partition("</div>")[0]
    assert "refused" in entry
    assert "(over failed, by ruling R7)" in entry
    assert 'class="finding' not in html


def test_how_it_was_asked_is_no_cut() -> None:
    page = head_html(recorded_of(run_of([], selection={"phase": "after", "no_listeners": "yes", "hosts": "cml1"})))
    assert "cut by hosts=cml1<" in page
    assert "phase after, no listeners yes" in page
    assert "nothing was left out by an option" in head_html(recorded_of(run_of([], selection={"phase": "after"})))
