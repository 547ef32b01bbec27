"""Waivers and attestations on the terminal: whose, until when, flagged in time, harmless whatever they say."""

from __future__ import annotations

import pytest
from generated import HOSTILE, case, ruling, run_of

from preflight.report.ruled import ruling_lines
from preflight.report.signoff.ruled import rulings_html
from preflight.report.summary import summary_md
from preflight.report.text import columns
from preflight.run.model import Run
from preflight.run.model_rulings import RulingResult
from preflight.run.store import run_bytes
from preflight.values.outcome import Outcome, Verdict


def shown(*rulings: RulingResult, width: int = 100, full: bool = True) -> list[str]:
    over = {f"S04:{r.id}>mfp{n}": r.id for r in rulings if r.state == "used" for n in range(r.cases)}
    cases = [case("S04", "cml1", "mfp1", id=name) for name in over or ["S04:cml1>mfp1"]]
    judged = [(one, Verdict(Outcome.UNVERIFIED, "no answer")) for one in cases]
    run = run_of(judged, rulings=rulings, laid_over=over, interrupted=not full, rows=["S04"])
    return [line.text for line in ruling_lines(run, width)]


def test_none_says_nothing() -> None:
    assert shown() == []


def test_whose_it_is_and_until_when() -> None:
    one = ruling("W3", "waiver", cases=14, requirement=("S04", "P*"), hosts=("mfp*",), ticket="NET-7")
    assert shown(one, width=120) == [
        "WAIVED  W3 until 2027-01-31: 14 cases, asked by Eva, approved by Jan, NET-7: S04, P* on mfp* (waivers.yaml:2)",
        "    why:   agreed",
    ]


def test_attestations_tell_who_has_looked_and_which_way() -> None:
    one = ruling("A1", "attestation", hosts=("*",), source=("cml1",), destination=("mfp1", "mfp2"))
    assert shown(one, width=120)[0] == (
        "ATTESTED  A1 until 2027-01-31: 1 case, looked at by Eva, approved by Jan: S04 from cml1 to mfp1, mfp2 "
        "(waivers.yaml:2)"
    )


def test_a_failure_that_an_attestation_does_not_cover_is_told_beside_what_it_covers() -> None:
    judged = [
        (case("S04", "cml1", "mfp1"), Verdict(Outcome.UNVERIFIED, "no answer")),
        (case("S04", "cml1", "mfp2"), Verdict(Outcome.FAILED, "refused")),
        (case("S04", "cml2", "mfp2"), Verdict(Outcome.FAILED, "refused")),
    ]
    one, other = ruling("A1", "attestation"), ruling("W1", "waiver")
    over = {"S04:cml1>mfp1": "A1", "S04:cml2>mfp2": "W1"}
    denied: dict[str, tuple[str, ...]] = {"S04:cml1>mfp2": ("A1",), "S04:cml2>mfp2": ("A1",)}
    run = run_of(judged, rulings=[one, other], laid_over=over, denied=denied, rows=["S04"])
    line = ruling_lines(run, 200)[0]
    assert "1 case, NOT OVER 1 THAT WAS OBSERVED TO FAIL, looked at by Eva" in line.text, "the other one is waived"
    assert line.style == "yellow"
    assert "over 1 case, **not over 1 that was observed to fail**: " in summary_md(run, "").decode()
    assert '1<br><strong class="flag">not over 1 that was observed to fail</strong>' in rulings_html(run)
    merged_again = Run.model_validate_json(run_bytes(run))
    assert merged_again.cases[1].denied == ("A1",)


@pytest.mark.parametrize(
    ("days", "said"),
    [(31, "until 2027-01-31: "), (30, "(ENDS IN 30 DAYS)"), (1, "(ENDS IN 1 DAY)"), (0, "(ENDS TODAY)")],
)
def test_what_ends_soon_is_flagged(days: int, said: str) -> None:
    assert said in shown(ruling("W1", "waiver", ends_in_days=days))[0]


def test_what_does_nothing_follows_in_order() -> None:
    states = ["no case", "unneeded", "used", "overruled", "expired"]
    several = [
        ruling(f"W{n}", "waiver", state=s, cases=int(s == "used"), ends_in_days=-5 if s == "expired" else 69)
        for n, s in enumerate(states)
    ]
    lines = shown(*several, width=150)
    assert [line.split("  ")[0] for line in lines if not line.startswith(" ")] == [
        "WAIVED",
        "EXPIRED",
        "OVERRULED",
        "unneeded",
        "no case",
    ]
    assert lines[2].startswith("EXPIRED  waiver W4 of Eva, expired on 2027-01-31, 5 days ago, and counts for nothing")


def test_a_run_that_left_something_out_does_not_list_what_is_for_no_case() -> None:
    idle = ruling("W1", "waiver", state="no case", cases=0)
    assert shown(idle) != []
    assert shown(idle, full=False) == []


@pytest.mark.parametrize("state", ["used", "expired"])
@pytest.mark.parametrize("width", [40, 79, 200])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_on_its_line(text: str, width: int, state: str) -> None:
    one = ruling("W1", "waiver", reason=text, asked_by=text, hosts=(text,), ticket=text, state=state)
    lines = shown(one, width=width)
    assert lines
    assert all(line.isprintable() and columns(line) <= width for line in lines)
