"""The end of a run on the terminal: grouping, limits, lost hosts, progress, the decision."""

from __future__ import annotations

import pytest
from generated import ROWS, case, run_of
from hypothesis import given
from hypothesis import strategies as st

from preflight.report.progress import ProgressState, progress_line
from preflight.report.terminal import blocking, summary_table, verdict_line
from preflight.report.text import columns, fit, fold, wrap
from preflight.run.model import Run
from preflight.values.outcome import Outcome, Verdict

PASSED = Verdict(Outcome.PASSED, "heard")


def texts(run: Run, **options: int) -> list[str]:
    return [line.text for line in blocking(run, **options)]


def refused(name: str, seconds: float = 5.0) -> Verdict:
    return Verdict(
        Outcome.FAILED,
        f"{name}: no answer within {seconds} s",
        f"cml1 to {name} TCP 9100",
        "nothing",
        f"Open TCP 9100 from cml1 to {name}.",
    )


def test_like_cases_are_one_entry_with_a_count() -> None:
    names = [f"p{n}" for n in range(200)]
    run = run_of([(case("S04", "cml1", name), refused(name, 5 + n / 100)) for n, name in enumerate(names)])
    assert texts(run) == [
        "FAILED  S04 tcp 9100, cml1 to p0, and 199 more like it",
        "    all:   from cml1 to p0, p1, p2 and 197 more",
        "    why:   p0: no answer within 5.0 s",
        "    asked: cml1 to p0 TCP 9100",
        "    seen:  nothing",
        "    do:    Open TCP 9100 from cml1 to p0.",
    ]


@pytest.mark.parametrize(
    "other",
    [
        (case("S04", "cml1", "mfp2"), Verdict(Outcome.FAILED, "connected, but to another", remedy="Look.")),
        (case("P05", "cml1", "mfp2"), refused("mfp2")),
        (case("S04", "cml1", "mfp2"), Verdict(Outcome.UNVERIFIED, "mfp2: no answer within 5.0 s")),
        (case("S04", "cml1", "mfp2", restricted=True), refused("mfp2")),
    ],
    ids=["reason", "row", "outcome", "restricted"],
)
def test_what_differs_is_an_entry_of_its_own(other: tuple) -> None:
    run = run_of([(case("S04", "cml1", "mfp1"), refused("mfp1")), other])
    assert len([text for text in texts(run) if not text.startswith(" ")]) == 2


def test_addresses_of_the_cases_own_machines_do_not_split_a_group() -> None:
    told = [(case("S04", "cml1", n), Verdict(Outcome.FAILED, f"{a} refused")) for n, a in
            [("mfp1", "10.2.0.11"), ("mfp2", "10.2.0.12"), ("v6", "2001:db8::6")]]  # fmt: skip
    assert "and 2 more like it" in texts(run_of(told))[0]


def test_a_lost_host_is_one_block_and_hides_no_other_reason() -> None:
    lost = Verdict(Outcome.UNVERIFIED, "cml2 could not be reached: no route to host")
    nobody = Verdict(Outcome.UNVERIFIED, "no agent can run on mfp1", remedy="Name a vantage host.")
    judged = [(case("I10", "cml2", n), lost) for n in ("cml1", "mfp1", "mfp2")]
    judged += [(case("P05", "mfp1", "cml2"), nobody), (case("S04", "cml1", "mfp1"), refused("mfp1"))]
    shown = texts(run_of(judged, lost={"cml2": "no route to host"}))
    assert shown[:3] == [
        "UNREACHED  cml2 (10.1.1.12), asked by ssh admin@cml2: 3 cases are unverified because of it",
        "    seen:  no route to host",
        "    do:    Start it.",
    ]
    assert [text.split()[0] for text in shown if not text.startswith(" ")] == ["UNREACHED", "FAILED", "UNVERIFIED"]
    assert any("Name a vantage host." in text for text in shown)


def test_entries_are_limited_and_the_rest_is_counted() -> None:
    run = run_of([(case("S04", "cml1", f"p{n}"), Verdict(Outcome.FAILED, f"reason {n}")) for n in range(50)])
    shown = texts(run, limit=40)
    assert shown[-1] == "... and 10 more entries (10 cases): see the report"
    assert len([text for text in shown if text.startswith("FAILED")]) == 40


@pytest.mark.parametrize("width", [40, 80, 120])
def test_an_entry_stays_short_whatever_was_said(width: int) -> None:
    long = "word " * 300
    run = run_of([(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, long, long, long, long))])
    shown = texts(run, width=width)
    assert len(shown) == 7
    assert all(columns(text) <= width for text in shown)
    assert all(text.endswith("...") for text in (shown[2], shown[3], shown[4], shown[6]))


def test_advisories_are_a_line_each() -> None:
    advice = Verdict(Outcome.ADVISORY, "open to all", remedy="Bind it to localhost.")
    run = run_of([(case("I10", "mfp1", name), advice) for name in ("cml1", "cml2")])
    assert texts(run) == ["advisory  I10 tcp 9100, mfp1 to cml1 x2: open to all"]


def test_the_table_fits_eighty_columns() -> None:
    run = run_of([(case(row, "cml1", "mfp1"), PASSED) for row in ROWS])
    for ascii_only in (True, False):
        lines = summary_table(run, 80, ascii_only)
        assert max(columns(line.text) for line in lines) <= 80
        assert {len(line.text) for line in lines} == {len(lines[0].text)}
    assert "printer to server" in "\n".join(line.text for line in lines)


@pytest.mark.parametrize(
    ("judged", "changes", "line"),
    [
        ([], {}, "accept: nothing blocks"),
        ([Outcome.ADVISORY, Outcome.NOT_APPLICABLE], {}, "accept: nothing blocks"),
        ([Outcome.FAILED] * 3 + [Outcome.UNVERIFIED] * 2, {}, "reject: 3 failed, 2 unverified"),
        ([Outcome.FAILED], {"lab": "default"}, "lab run: never a sign-off decision (blocks: 1 failed)"),
        ([], {"lab": "default"}, "lab run: never a sign-off decision (nothing blocks)"),
        ([None, None], {"selection": {"hosts": "cml1"}}, "partial, no decision: 2 cases not run (--hosts=cml1)"),
        (
            [None, Outcome.FAILED],
            {"selection": {"k": "S04", "probe_timeout": "5", "row": ""}},
            "partial, no decision: 1 case not run (-k S04); 1 failed",
        ),
        ([None], {}, "partial, no decision: 1 case not run (left out of this run)"),
        ([], {"interrupted": True}, "partial, no decision: interrupted"),
        ([], {"rows": [*ROWS, "X99"]}, "partial, no decision: not all of the catalogue was looked at"),
    ],
)
def test_the_decision(judged: list[Outcome | None], changes: dict, line: str) -> None:
    whole = [(case(row, "cml1", "mfp1"), PASSED) for row in ROWS]
    told = [(case("S04", "cml1", f"p{n}"), o and Verdict(o, "why")) for n, o in enumerate(judged)]
    assert verdict_line(run_of(whole + told, **changes)).text == line


@given(
    st.builds(
        ProgressState,
        st.integers(0, 10**6),
        st.integers(0, 10**6),
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.floats(0, 1e6),
        st.none() | st.floats(0, 1e6),
        st.text(),
    ),
    st.integers(0, 120),
)
def test_progress_never_outgrows_its_line(state: ProgressState, width: int) -> None:
    line = progress_line(state, width)
    assert columns(line) <= width
    assert line.isprintable()


def test_progress_says_how_far_and_how_long() -> None:
    state = ProgressState(5, 8, 340, 1120, 7.0, 6.2)
    assert progress_line(state, 80) == "survey: 5/8 hosts, 340/1120 probes, ~6 s left"
    later = ProgressState(5, 8, 340, 1120, 191.0, None, "exchange")
    assert progress_line(later, 80) == "survey: 5/8 hosts, 340/1120 probes, 3 min 11 s so far, exchange"


@given(st.text(), st.integers(10, 60), st.integers(1, 4))
def test_wrapped_text_keeps_to_its_lines_and_loses_nothing_silently(text: str, width: int, most: int) -> None:
    lines = wrap(text, width, "> ", "  ", most)
    assert 1 <= len(lines) <= most
    assert all(columns(line) <= width for line in lines)
    whole = "".join(lines).replace(" ", "").removeprefix(">")
    assert whole == "".join(text.split()) or lines[-1].endswith("...")


def test_wide_and_combining_characters_are_measured() -> None:
    assert (columns("中文"), columns("a\u0301"), fit("中文字中文字", 8)) == (4, 1, "中文...")
    assert fold("Žluťoučký → 中") == "Zlutoucky ? ?"
