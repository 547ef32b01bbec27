"""The run: order, counts, what is left out, what a foreign file may not do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import jsonschema
import pytest
from generated import HOSTILE, ROWS, case, head, ruling, run_of, runs
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from preflight.run.build import build_run, utc_text
from preflight.run.model import Run, count_cases, missing_rows
from preflight.run.model_site import HostResult
from preflight.run.recorded import comparable
from preflight.run.schema import SCHEMA_FILE, run_schema, schema_text
from preflight.values.outcome import Outcome, Verdict

PASSED = Verdict(Outcome.PASSED, "heard")


def whole(*others: tuple) -> list:
    return [(case(row, "cml1", "mfp1"), PASSED) for row in ROWS] + list(others)


def test_cases_stand_in_the_catalogues_order_and_keep_theirs_within_a_row() -> None:
    mixed = [("S04", "mfp2"), ("C01", "mfp1"), ("S04", "mfp1"), ("L01", "mfp1")]
    run = run_of([(case(row, "cml1", name), PASSED) for row, name in mixed])
    assert [c.id for c in run.cases] == ["C01:cml1>mfp1", "L01:cml1>mfp1", "S04:cml1>mfp2", "S04:cml1>mfp1"]


def test_a_case_without_verdict_is_not_run_with_its_own_reason() -> None:
    built = replace(case("C01", None, None), not_built="not built yet")
    run = run_of([(built, None), (case("S04", "cml1", "mfp1"), None)], not_run={"S04:cml1>mfp1": "left out by -k foo"})
    assert [(c.outcome, c.reason) for c in run.cases] == [
        (Outcome.NOT_RUN, "not built yet"),
        (Outcome.NOT_RUN, "left out by -k foo"),
    ]


@pytest.mark.parametrize(
    ("judged", "changes", "full"),
    [
        (whole(), {}, True),
        (whole((replace(case("C01", None, None), not_built="not built yet"), None)), {}, True),
        (whole((case("S04", "cml1", "mfp2"), None)), {}, False),
        (whole(), {"interrupted": True}, False),
        (whole()[1:], {}, False),
    ],
    ids=["all", "not-built", "left-out", "interrupted", "row-lost"],
)
def test_full_means_that_nothing_was_left_out(judged: list, changes: dict, full: bool) -> None:
    assert run_of(judged, **changes).full is full


def test_a_row_without_a_case_is_told() -> None:
    run = run_of(whole()[1:])
    assert missing_rows(run, ROWS) == ["C01"]
    assert "C01" in run.notes[-1]
    assert missing_rows(run_of(whole()), ROWS) == []


def test_the_phase_of_a_case_is_its_destinations() -> None:
    host = HostResult(
        name="mfp1", roles=(), address="10.2.0.11", site="hq", network=None, managed_by="ssh", phase="before"
    )
    run = run_of(whole())
    assert {c.phase for c in run.cases} == {None}
    again = build_run(head(), whole(), hosts=[host], row_ids=list(ROWS))
    assert {c.phase for c in again.cases} == {"before"}


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(runs())
def test_a_run_survives_its_file_and_follows_its_schema(run: Run) -> None:
    text = run.model_dump_json(indent=1)
    assert Run.model_validate_json(text.encode()) == run
    jsonschema.Draft202012Validator(run_schema()).validate(json.loads(text))
    assert run.counts == count_cases(run.cases)
    assert run.counts.total["total"] == len(run.cases)
    assert sum(run.counts.total[o] for o in Outcome) == len(run.cases)


def test_the_schema_file_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run: python -m preflight.run.schema"


def test_counts_that_disagree_with_the_cases_do_not_load() -> None:
    told = json.loads(run_of([(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, "refused"))]).model_dump_json())
    told["cases"][0]["outcome"] = told["cases"][0]["standing"] = "passed"
    with pytest.raises(ValidationError, match="counts do not agree"):
        Run.model_validate(told)


@pytest.mark.parametrize(
    ("outcome", "standing", "ruling", "message"),
    [
        ("failed", "passed", None, "without a ruling"),
        ("failed", "waived", None, "needs a ruling"),
        ("failed", "failed", "W1", "needs a ruling"),
        ("passed", "waived", "W1", "blocking outcome"),
        ("waived", "waived", "W1", "nothing observes"),
    ],
)
def test_a_standing_that_no_ruling_explains_does_not_load(
    outcome: str, standing: str, ruling: str | None, message: str
) -> None:
    told = json.loads(run_of([(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, "refused"))]).model_dump_json())
    told["cases"][0].update(outcome=outcome, standing=standing, ruling=ruling)
    with pytest.raises(ValidationError, match=message):
        Run.model_validate(told)


@pytest.mark.parametrize(
    ("kind", "below", "standing"),
    [
        ("waiver", Outcome.FAILED, Outcome.WAIVED),
        ("waiver", Outcome.UNVERIFIED, Outcome.WAIVED),
        ("attestation", Outcome.UNVERIFIED, Outcome.ATTESTED),
    ],
)
def test_a_ruling_lies_over_what_blocks_and_over_nothing_else(kind: str, below: Outcome, standing: Outcome) -> None:
    judged = [
        (case("S04", "cml1", "mfp1"), Verdict(below, "refused")),
        (case("S04", "cml1", "mfp2"), Verdict(Outcome.PASSED, "open")),
    ]
    run = run_of(judged, rulings=[ruling("W1", kind)], laid_over=dict.fromkeys((c.id for c, _ in judged), "W1"))
    assert [(c.outcome, c.standing, c.ruling) for c in run.cases] == [
        (below, standing, "W1"),
        (Outcome.PASSED, Outcome.PASSED, None),
    ]
    assert run.counts.total[standing] == 1
    assert run.counts.total[below] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda told: told.update(rulings=[]), "S04:cml1>mfp1: there is no ruling 'W1' in the run"),
        (lambda told: told["rulings"].append(told["rulings"][0]), "two rulings have one id"),
        (lambda told: told["rulings"][0].update(kind="attestation"), "an? attestation makes nothing waived"),
        (lambda told: told["rulings"][0].update(state="expired"), "ruling W1: lies over 2 cases, and is not in force"),
        (lambda told: told["rulings"][0].update(ends_in_days=-1), "ruling W1: lies over 2 cases, and is not in force"),
        (lambda told: told["rulings"][0].update(cases=0), "ruling W1: lies over 2 cases, and 0 are told"),
        (lambda told: told["cases"][0].update(standing="attested"), "never over a failure that was observed"),
    ],
)
def test_rulings_that_cannot_be_do_not_load(change: Callable[[dict], object], message: str) -> None:
    judged = [(case("S04", "cml1", name), Verdict(Outcome.FAILED, "refused")) for name in ("mfp1", "mfp2")]
    run = run_of(judged, rulings=[ruling("W1", "waiver")], laid_over=dict.fromkeys((c.id for c, _ in judged), "W1"))
    told = json.loads(run.model_dump_json())
    assert Run.model_validate(told) == run
    change(told)
    with pytest.raises(ValidationError, match=message):
        Run.model_validate(told)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_texts_are_cleaned_when_a_file_is_read_too(hostile: str) -> None:
    told = json.loads(run_of(whole()).model_dump_json())
    told["cases"][0]["reason"] = told["hosts"][0]["cause"] = hostile
    run = Run.model_validate(told)
    assert run.cases[0].reason.isprintable()
    assert run.hosts[0].cause.isprintable()


def test_a_replay_may_differ_in_its_time_only() -> None:
    first = run_of(whole())
    later = {"started": "2027-01-01T00:00:00Z", "finished": "2027-01-01T00:00:01Z", "duration_s": 1.0, "run_id": "b"}
    again = run_of(whole(), replay_of=first.run_id, command=("pytest", "--replay=latest"), **later)
    assert again != first
    assert comparable(again) == comparable(first)
    assert comparable(run_of(whole(), customer="Other")) != comparable(first)


def test_moments_are_written_in_utc() -> None:
    assert utc_text(datetime(2026, 11, 23, 1, 0, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-23T00:00:00.000Z"


def test_the_system_of_a_host_is_one_short_text() -> None:
    hosts = {host.name: host for host in run_of(whole()).hosts}
    assert hosts["cml1"].system == "Debian GNU/Linux 12 (bookworm) x86_64"
    assert hosts["mfp1"].reached is None
