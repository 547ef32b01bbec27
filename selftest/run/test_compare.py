"""What changed between two runs: each kind, what is not news, and that every case is counted once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from generated import ROWS, case, ruling, run_of, runs
from hypothesis import HealthCheck, given, settings

from preflight.errors import RecordingError
from preflight.run.compare import compare, must_be_one_site, newly_blocking, worse
from preflight.run.model import Run
from preflight.run.steady import steady
from preflight.values.outcome import Outcome, Verdict

NAME = "S04:cml1>mfp1"
ABSENT = "absent"
LAID = {"waived": "waiver", "attested": "attestation"}


def run_with(standing: str, *, reason: str = "why", seen: str = "that", strength: str = "", **changes: object) -> Run:
    """A run of one case that stands so."""
    if standing == ABSENT:
        return run_of([], **changes)
    outcome = {"waived": Outcome.FAILED, "attested": Outcome.UNVERIFIED}.get(standing) or Outcome(standing)
    verdict = None if outcome is Outcome.NOT_RUN else Verdict(outcome, reason, seen=seen, strength=strength)
    rulings = [ruling("R1", LAID[standing])] if standing in LAID else []
    laid_over = {NAME: "R1"} if rulings else {}
    return run_of([(case("S04", "cml1", "mfp1"), verdict)], rulings=rulings, laid_over=laid_over, **changes)


@pytest.mark.parametrize(
    ("then", "now", "kind"),
    [
        ("passed", "failed", "regressed"),
        ("advisory", "unverified", "regressed"),
        ("waived", "failed", "regressed"),  # the waiver has ended
        ("failed", "passed", "fixed"),
        ("unverified", "advisory", "fixed"),
        ("failed", "waived", "changed"),  # nothing was fixed: a person laid something over it
        ("failed", "attested", "changed"),
        ("failed", "unverified", "changed"),
        ("passed", "advisory", "changed"),
        ("waived", "passed", "changed"),
        ("passed", "passed", None),
        ("not applicable", "not applicable", None),
        ("not applicable", "failed", "new"),
        (ABSENT, "passed", "new"),
        (ABSENT, "not applicable", None),
        ("passed", "not applicable", "gone"),
        ("failed", ABSENT, "gone"),
        ("not applicable", ABSENT, None),
    ],
)
def test_kinds(then: str, now: str, kind: str | None) -> None:
    comparison = compare(run_with(then), run_with(now))
    assert [change.kind for change in comparison.changes] == ([kind] if kind else [])
    assert comparison.unchanged == (0 if kind else 1)
    for change in comparison.changes:
        assert (change.case, change.row, change.reason) == (NAME, "S04", "why")
        assert [change.before, change.after] == [None if s == ABSENT else s for s in (then, now)]


@pytest.mark.parametrize("other", [*Outcome, ABSENT])
def test_what_was_not_run_is_neither_better_nor_worse(other: str) -> None:
    for pair in ((run_with("not run"), run_with(other)), (run_with(other), run_with("not run"))):
        comparison = compare(*pair)
        assert (comparison.changes, comparison.unchanged, comparison.not_compared) == ((), 0, 1)


@pytest.mark.parametrize(
    "other",
    [{"reason": "because"}, {"seen": "refused (ECONNREFUSED)"}, {"strength": "nonce heard"}],
    ids=lambda changes: next(iter(changes)),
)
def test_other_evidence_for_the_same(other: dict[str, str]) -> None:
    comparison = compare(run_with("passed"), run_with("passed", **other))
    assert [change.kind for change in comparison.changes] == ["changed evidence"]
    assert worse(comparison) == []


def test_another_outcome_beneath_a_waiver_is_other_evidence() -> None:
    judged = (case("S04", "cml1", "mfp1"), Verdict(Outcome.UNVERIFIED, "why", seen="that"))
    now = run_of([judged], rulings=[ruling("R1", "waiver")], laid_over={NAME: "R1"})
    assert [change.kind for change in compare(run_with("waived"), now).changes] == ["changed evidence"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("no answer within 5.0 s", "no answer within 4.9 s"),
        ("answered in 12 ms", "answered in 9 ms"),
        ("certificate of dc1, 207 days left", "certificate of dc1, 206 days left"),
        ("the account's password expires in 41.5 days", "the account's password expires in 40.5 days"),
        ("table shows the connection from 10.1.1.12:49152, x", "table shows the connection from 10.1.1.12:51000, x"),
        ("connected from 2001:db8::6:49152; not", "connected from 2001:db8::6:49153; not"),
        ("held by spoolsv.exe (pid 812)", "held by spoolsv.exe (pid 4711)"),
        ("read 2026-11-22 23:59:59 UTC", "read 2026-11-23 03:00:01.5 UTC"),
        ("220 mail1 ESMTP; Thu, 26 Nov 2026 14:02:27 +0000", "220 mail1 ESMTP; Fri, 4 Dec 2026 04:12:07 +0100"),
        ("clock 0 s behind", "clock 1 s behind"),
    ],
)
def test_what_differs_each_time_is_no_news(one: str, two: str) -> None:
    assert one != two
    assert steady(one) == steady(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a listener on cml1 heard it from 10.1.1.11", "a listener on cml1 heard it from 10.1.1.12"),
        ("heard it from 2001:db8::6", "heard it from 2001:db8::7"),
        ("SQL browser answered: SAFEQ on TCP 51433", "SQL browser answered: SAFEQ on TCP 51434"),
        ("sql1 (10.10.1.31:51433)", "sql1 (10.10.1.31:1433)"),
        ("hotfix installed on 2026-11-11", "hotfix installed on 2026-12-09"),
        ("pager: 1199 of 1260 users", "pager: 1198 of 1260 users"),
        ("00:11:22:33:44:55", "00:11:22:33:44:56"),
        ("within 120 minutes", "within 60 minutes"),
    ],
)
def test_what_was_seen_is_news(one: str, two: str) -> None:
    assert steady(one) != steady(two)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(runs(), runs())
def test_every_case_of_either_run_is_counted_once(before: Run, after: Run) -> None:
    comparison = compare(before, after)
    union = {one.id for one in (*before.cases, *after.cases)}
    changed = [change.case for change in comparison.changes]
    assert len(set(changed)) == len(changed)
    assert set(changed) <= union
    assert len(changed) + comparison.unchanged + comparison.not_compared == len(union)
    assert {change.case for change in worse(comparison)} <= {one.id for one in newly_blocking(before, after)}
    back = {change.case: change.kind for change in compare(after, before).changes}
    mirror = {"new": "gone", "gone": "new", "changed evidence": "changed evidence"}
    assert all(back[change.case] == mirror[change.kind] for change in comparison.changes if change.kind in mirror)
    with_it = after.model_copy(update={"comparison": comparison})
    assert Run.model_validate_json(with_it.model_dump_json()) == with_it


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(runs())
def test_a_run_has_not_changed_since_itself(run: Run) -> None:
    comparison = compare(run, run)
    assert comparison.changes == ()
    assert newly_blocking(run, run) == []


def test_what_blocks_and_was_not_run_then_is_newly_blocking() -> None:
    assert [one.id for one in newly_blocking(run_with("not run"), run_with("failed"))] == [NAME]
    assert [one.id for one in newly_blocking(run_with("failed"), run_with("unverified"))] == []
    assert [change.case for change in worse(compare(run_with(ABSENT), run_with("failed")))] == [NAME]
    assert worse(compare(run_with(ABSENT), run_with("passed"))) == []


def test_what_else_differs_is_said() -> None:
    then = run_of([(case(row, "cml1", "mfp1"), Verdict(Outcome.PASSED, "heard")) for row in ROWS])
    assert compare(then, then).differs == ()
    page = then.catalogue.model_copy(update={"revision": 2, "digest": "2" * 64})
    now = then.model_copy(
        update={"catalogue": page, "inventory_digest": "3" * 64, "suite_version": "0.2.0", "full": False}
    )
    said = "\n".join(compare(then, now).differs)
    for words in ("revision 1 then, 2 now", "inventory", "0.1.0 then, 0.2.0 now", "the second run was partial"):
        assert words in said
    later = then.model_copy(update={"started": "2026-11-22T23:59:59.500Z"})
    assert compare(then, later).differs == ()
    assert "the first run is the younger one" in compare(later, then).differs[0]
    judged_again = later.model_copy(update={"as_of": then.started, "started": "2026-11-29T00:00:00.000Z"})
    assert compare(judged_again, later).differs == (), "when the hosts were asked counts"
    other = page.model_copy(update={"version": "6"})
    assert "safeq 5 then, safeq 6 now" in compare(then, then.model_copy(update={"catalogue": other})).differs[0]
    labs = [then.model_copy(update={"lab": "default", "scenario": name}) for name in ("healthy", "broken")]
    assert "scenario healthy; now: the lab default, scenario broken" in compare(*labs).differs[0]


@pytest.mark.parametrize("changes", [{"site": "Other"}, {"customer": "Other"}, {"lab": "default"}])
def test_two_sites_are_refused(changes: dict[str, str]) -> None:
    run = run_with("passed")
    must_be_one_site(run, run.model_copy(update={"inventory_digest": "9" * 64}))
    other = run.model_copy(update=changes)
    for pair in ((run, other), (other, run)):
        with pytest.raises(RecordingError, match="not of one site"):
            must_be_one_site(*pair)


def test_the_order_is_the_later_runs_then_what_is_gone() -> None:
    passed, failed = Verdict(Outcome.PASSED, "open"), Verdict(Outcome.FAILED, "shut")
    one, two, three = (case("S04", "cml1", name) for name in ("mfp1", "mfp2", "v6"))
    before = run_of([(three, passed), (one, passed), (two, passed)])
    after = run_of([(two, failed), (one, failed), (replace(three, id="S04:else"), failed)])
    changes = [(change.case, change.kind) for change in compare(before, after).changes]
    assert changes == [(two.id, "regressed"), (one.id, "regressed"), ("S04:else", "new"), (three.id, "gone")]
