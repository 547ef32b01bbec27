"""Rulings of merged runs: what has ended or was taken out since lies over nothing, and one id means one ruling."""

from __future__ import annotations

from typing import Any

import pytest
from generated import case, ruling, run_of
from merge_parts import merged

from preflight.errors import RecordingError
from preflight.report.decision import verdict_line
from preflight.run.model import Run
from preflight.run.model_rulings import RulingResult
from preflight.run.store import run_bytes
from preflight.values.outcome import Outcome, Verdict

FIRST, SECOND = case("S04", "cml1", "mfp1"), case("S04", "cml2", "mfp2")
PASSED, FAILED = Verdict(Outcome.PASSED, "heard"), Verdict(Outcome.FAILED, "refused")
ENDS_SOON = {"until": "2026-11-23", "ends_in_days": 0}  # of the older part's day in Prague


def older(*rulings: RulingResult, **changes: Any) -> Run:
    """The part in which the first case failed, with W1 over it."""
    told = {"run_id": "r1", "rows": ["S04"], "started": "2026-11-22T23:30:00Z"} | changes
    return run_of([(FIRST, FAILED), (SECOND, None)], rulings=rulings, laid_over={FIRST.id: "W1"}, **told)


def newer(*rulings: RulingResult, **changes: Any) -> Run:
    """The part that asked the second case, two days later."""
    told = {"run_id": "r2", "rows": ["S04"], "started": "2026-11-24T23:30:00Z"} | changes
    return run_of([(FIRST, None), (SECOND, PASSED)], rulings=rulings, **told)


def standing(run: Run) -> list[tuple[Outcome, str | None]]:
    assert Run.model_validate_json(run_bytes(run)) == run
    return [(one.standing, one.ruling) for one in run.cases]


def test_a_waiver_in_force_stays_and_its_days_are_those_of_the_newest_part() -> None:
    run = merged(
        older(ruling("W1", "waiver", ends_in_days=2, file="waivers.yaml:2")),
        newer(ruling("W1", "waiver", ends_in_days=0, file="waivers.yaml:9", state="no case")),
    )
    assert standing(run) == [(Outcome.WAIVED, "W1"), (Outcome.PASSED, None)]
    assert [(r.state, r.cases, r.ends_in_days, r.file) for r in run.rulings] == [("used", 1, 0, "waivers.yaml:9")]
    assert verdict_line(run).text == "accept with exceptions: nothing blocks; 1 waived"


def test_a_waiver_that_has_expired_since_lies_over_nothing() -> None:
    gone = ruling("W1", "waiver", state="expired", **ENDS_SOON | {"ends_in_days": -2})
    run = merged(older(ruling("W1", "waiver", **ENDS_SOON)), newer(gone))
    assert standing(run) == [(Outcome.FAILED, None), (Outcome.PASSED, None)]
    assert [(r.state, r.cases, r.ends_in_days) for r in run.rulings] == [("expired", 0, -2)]
    assert run.notes[0] == "waiver W1 of Eva expired on 2026-11-23: 1 case counts as observed"
    assert verdict_line(run).text == "reject: 1 failed"


def test_a_waiver_that_was_taken_out_since_lies_over_nothing() -> None:
    run = merged(newer(), older(ruling("W1", "waiver")))
    assert standing(run) == [(Outcome.FAILED, None), (Outcome.PASSED, None)]
    assert run.rulings == ()
    assert run.notes[0] == "waiver W1 of Eva is not there any more in r2: 1 case counts as observed"
    assert run.counts.total["waived"] == 0


def test_a_failure_that_an_attestation_is_for_stays_told() -> None:
    word = ruling("A1", "attestation", state="overruled", cases=0)
    part = run_of([(FIRST, FAILED), (SECOND, None)], rulings=[word], denied={FIRST.id: ("A1",)}, rows=["S04"])
    assert merged(part, newer(word)).cases[0].denied == ("A1",)
    assert merged(part, newer()).cases[0].denied == (), "taken out since"
    north, south = (part.model_copy(update={"site": site, "run_id": site}) for site in ("North", "South"))
    assert {one.denied for one in merged(north, south).cases} == {("north/A1",), ("south/A1",), ()}


def test_another_sites_newest_part_is_the_day_of_all() -> None:
    run = merged(older(ruling("W1", "waiver", **ENDS_SOON), site="North"), newer(site="South"))
    assert [one.standing for one in run.cases if one.ruling] == []
    assert [(r.id, r.state, r.ends_in_days) for r in run.rulings] == [("W1", "expired", -2)]
    assert run.notes[0] == "north: waiver W1 of Eva expired on 2026-11-23: 1 case counts as observed"
    same_day = merged(
        older(ruling("W1", "waiver", **ENDS_SOON), site="North"), newer(site="South", started="2026-11-23T22:59:00Z")
    )
    assert Outcome.WAIVED in [one.standing for one in same_day.cases]
    assert [r.ends_in_days for r in same_day.rulings] == [0]


def test_a_waiver_whose_case_was_asked_again_and_holds_is_unneeded() -> None:
    again = run_of([(FIRST, PASSED), (SECOND, PASSED)], rows=["S04"], run_id="r2", started="2026-11-23T00:00:00Z")
    again = again.model_copy(update={"rulings": (ruling("W1", "waiver", state="unneeded", cases=0),)})
    run = merged(older(ruling("W1", "waiver")), again)
    assert [(r.state, r.cases) for r in run.rulings] == [("unneeded", 0)]


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"hosts": ("mfp2",)}, "hosts"),
        ({"until": "2027-06-30", "ends_in_days": 215}, "until"),
        ({"reason": "mfp2 is being moved", "approved_by": "Somebody Else"}, "approved_by, reason"),
        ({"kind": "attestation"}, "kind"),
    ],
)
def test_one_id_for_two_rulings_is_refused(changes: dict[str, Any], differs: str) -> None:
    other = RulingResult.model_validate(
        ruling("W1", "waiver", state="no case", cases=0).model_dump() | {"file": "waivers.yaml:5"} | changes
    )
    with pytest.raises(RecordingError, match=rf"ruling W1 is not .* waivers\.yaml:5; other {differs}\): run the older"):
        merged(older(ruling("W1", "waiver")), newer(other))
    assert merged(older(ruling("W1", "waiver"), site="North"), newer(other, site="South")).counts.total["waived"] == 1
