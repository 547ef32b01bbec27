"""Several runs in one: shards and sites, each case once, numbers that add up, in whatever order they are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import get_args

import pytest
from generated import OBSERVED, ROWS, case, ruling, run_of, runs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from merge_parts import merged, shard

from preflight.run.build import NOT_BUILT
from preflight.run.compare import compare
from preflight.run.model import Run
from preflight.run.model_rulings import RulingState
from preflight.run.model_site import CertificateResult
from preflight.run.store import run_bytes
from preflight.values.outcome import Outcome, Verdict

MACHINES = ("cml1", "cml2", "mfp1", "mfp2", "v6")
generously = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@st.composite
def shards_of_one_site(draw: st.DrawFn, **changes: object) -> list[Run]:
    names = draw(st.lists(st.sampled_from(MACHINES), min_size=1, unique=True))
    outcome = st.sampled_from([None, *(each for each in OBSERVED if each is not Outcome.NOT_RUN)])
    count = draw(st.integers(2, 4))
    return [
        shard(
            number,
            {name: draw(outcome) for name in names},
            started=f"2026-11-2{draw(st.integers(1, 3))}T00:00:0{draw(st.sampled_from(['0', '0.500', '1']))}Z",
            interrupted=draw(st.booleans()),
            **changes,
        )
        for number in range(1, count + 1)
    ]


def adds_up(run: Run, parts: Sequence[Run]) -> None:
    total: Counter[str] = Counter()
    for part in run.parts:
        assert sum(part.counts.total[o] for o in Outcome) == part.counts.total["total"]
        total.update(part.counts.total)
    assert total == Counter(run.counts.total)
    assert sorted(part.run_id for part in run.parts) == sorted(part.run_id for part in parts)
    assert len({one.id for one in run.cases}) == len(run.cases)
    assert Run.model_validate_json(run_bytes(run)) == run


@pytest.mark.slow
@generously
@given(shards_of_one_site(), st.randoms(use_true_random=False))
def test_shards(parts: list[Run], random: object) -> None:
    run = merged(*parts)
    adds_up(run, parts)
    found = {one.id: one for one in run.cases}
    assert set(found) == {one.id for part in parts for one in part.cases}
    for name, one in found.items():
        each = [(datetime.fromisoformat(part.started), other) for part in parts for other in part.cases]
        each = [(when, other) for when, other in each if other.id == name]
        ran = [(when, other) for when, other in each if other.outcome is not Outcome.NOT_RUN] or each
        newest = max(when for when, _ in ran)
        assert one in [other for when, other in ran if when == newest]
        ran = [(when, other) for when, other in ran if other.outcome is not Outcome.NOT_RUN]
        assert (one.outcome is Outcome.NOT_RUN) is (not ran)
    assert run.full is all(one.outcome is not Outcome.NOT_RUN for one in run.cases)
    shuffled = [*parts]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert run_bytes(merged(*shuffled)) == run_bytes(run)


@pytest.mark.slow
@generously
@given(shards_of_one_site(site="North"), shards_of_one_site(site="South"), st.randoms(use_true_random=False))
def test_sites_with_the_same_names(north: list[Run], south: list[Run], random: object) -> None:
    south = [part.model_copy(update={"run_id": f"s{part.run_id}"}) for part in south]
    parts = [*north, *south]
    run = merged(*parts)
    adds_up(run, parts)
    for site, mine in (("North", north), ("South", south)):
        alone = merged(*mine)
        total = sum((Counter(part.counts.total) for part in run.parts if part.site == site), Counter())
        assert total == +Counter(alone.counts.total)
        other = {one.id for part in parts if part not in mine for one in part.cases}
        for one in alone.cases:
            id = f"{site.lower()}/{one.id}" if one.id in other else one.id  # noqa: A001
            (found,) = [each for each in run.cases if each.id == id]
            assert (found.standing, found.reason) == (one.standing, one.reason)
            assert {found.source, found.destination} == set(found.hosts)
    assert {host.name for host in run.hosts} == {f"{site}/{name}" for site in ("north", "south") for name in MACHINES}
    random.shuffle(parts)  # type: ignore[attr-defined]
    assert run_bytes(merged(*parts)) == run_bytes(run)


@pytest.mark.slow
@generously
@given(st.lists(runs(), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_any_sites(told: list[Run], random: object) -> None:
    lab = told[0].lab
    parts = [
        run.model_copy(update={"customer": f"customer {number}", "run_id": f"r{number}", "lab": lab})
        for number, run in enumerate(told)
    ]
    run = merged(*parts)
    adds_up(run, parts)
    assert len(run.cases) == sum(len(part.cases) for part in parts)
    assert Counter(one.standing for one in run.cases) == Counter(one.standing for part in parts for one in part.cases)
    assert (run.lab is None) is (lab is None)
    known = {each.id for each in run.rulings}
    assert all(one.ruling is None or one.ruling in known for one in run.cases)
    random.shuffle(parts)  # type: ignore[attr-defined]
    assert run_bytes(merged(*parts)) == run_bytes(run)


def test_the_latest_that_ran_a_case_counts_and_disagreement_is_said() -> None:
    one = shard(1, {"mfp1": Outcome.PASSED, "mfp2": Outcome.FAILED, "v6": None})
    two = shard(2, {"mfp1": Outcome.FAILED, "mfp2": None, "v6": None})
    run = merged(two, one)
    assert [(c.destination, c.standing.value, c.reason) for c in run.cases] == [
        ("mfp1", "failed", "run 2"),
        ("mfp2", "failed", "run 1"),
        ("v6", "not run", "left out of 2"),
    ]
    assert run.notes == ("S04:cml1>mfp1: passed in r1, failed in r2; the latest counts",)
    assert not run.full
    assert [(part.run_id, part.counts.total["total"]) for part in run.parts] == [("r1", 1), ("r2", 2)]
    assert merged(one, two, shard(3, {"mfp1": None, "mfp2": None, "v6": Outcome.PASSED})).full


def test_an_interrupted_shard_is_made_good_by_another() -> None:
    one = shard(1, {"mfp1": Outcome.PASSED, "mfp2": None}, interrupted=True)
    assert merged(one, shard(2, {"mfp1": None, "mfp2": Outcome.PASSED})).full
    still = merged(one, shard(2, {"mfp1": Outcome.PASSED, "mfp2": None}))
    assert (still.full, still.interrupted) == (False, True)


def test_what_this_version_cannot_run_leaves_a_run_full() -> None:
    built = [(case("S04", "cml1", "mfp1"), Verdict(Outcome.PASSED, "open"))]
    not_built = (case("L01", None, None, not_built=NOT_BUILT), None)
    parts = [run_of([*built, not_built], rows=["S04", "L01"], run_id=name) for name in ("r1", "r2")]
    assert all(part.full for part in parts)
    assert merged(*(part.model_copy(update={"full": False}) for part in parts)).full
    left_out = (case("L01", None, None), None)
    parts = [run_of([*built, left_out], rows=["S04", "L01"], run_id=name) for name in ("r1", "r2")]
    assert not merged(*parts).full


def test_what_its_newest_part_was_is_no_older_than_the_merged_run() -> None:
    parts = shard(1, {"mfp1": Outcome.FAILED, "mfp2": None}), shard(2, {"mfp1": None, "mfp2": Outcome.PASSED})
    run = merged(*parts)
    for part in parts:
        assert [text for text in compare(part, run).differs if "younger" in text] == []
    assert [text for text in compare(run, parts[0]).differs if "younger" in text] != []


def test_hosts_and_rulings_of_shards() -> None:
    judged = [(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, "shut"))]
    idle = [(case("S04", "cml1", "mfp1"), None)]
    over = {"rulings": [ruling("R1", "waiver")], "laid_over": {"S04:cml1>mfp1": "R1"}}
    one = run_of(judged, run_id="r1", lost={"cml2": "down"}, **over)
    two = run_of(idle, run_id="r2", rulings=[ruling("R1", "waiver", state="no case", cases=0)])
    two = two.model_copy(
        update={
            "started": "2026-11-25T00:00:00Z",
            "hosts": tuple(host.model_copy(update={"reached": None, "cause": ""}) for host in two.hosts),
        }
    )
    run = merged(one, two)
    assert {host.name: host.reached for host in run.hosts} == {host.name: host.reached for host in one.hosts}
    assert [(each.id, each.state, each.cases) for each in run.rulings] == [("R1", "used", 1)]


@pytest.mark.parametrize("state", [state for state in get_args(RulingState) if state != "used"])
def test_a_ruling_that_did_nothing_in_any_shard_keeps_its_state(state: str) -> None:
    idle = [(case("S04", "cml1", "mfp1"), Verdict(Outcome.PASSED, "heard"))]
    one, two = (run_of(idle, run_id=name, rulings=[ruling("R1", "waiver", state=state, cases=0)]) for name in "ab")
    assert [(each.state, each.cases) for each in merged(one, two).rulings] == [(state, 0)]


def shown(sha256: str, **changes: object) -> CertificateResult:
    told = dict.fromkeys(("subject", "issuer", "not_before", "not_after", "tls"), "")
    place = {"host": "dc1", "address": "10.1.1.32", "port": 636, "service": "ldaps", "names": (), "days_left": 9}
    return CertificateResult.model_validate({**told, **place, "sha256": sha256, **changes})


def test_a_newer_certificate_takes_the_older_one_s_place_and_that_of_a_node_stands_beside_it() -> None:
    theirs = shown("ff", service="tls", here=False, nodes=("cml1",))
    one = shard(1, {"mfp1": Outcome.PASSED}).model_copy(update={"certificates": (shown("aa"), theirs)})
    two = shard(2, {"mfp1": Outcome.PASSED}).model_copy(update={"certificates": (shown("bb", nodes=("cml2",)),)})
    assert [(found.sha256, found.nodes) for found in merged(one, two).certificates] == [
        ("bb", ("cml2",)),
        ("ff", ("cml1",)),
    ]


def test_names_that_are_one_sites_alone_stay() -> None:
    one = shard(1, {"mfp1": Outcome.PASSED}, site="North", customer="A").model_copy(update={"hosts": ()})
    two = shard(2, {"mfp2": Outcome.PASSED}, site="South", customer="B").model_copy(update={"hosts": ()})
    run = merged(one, two)
    assert [(c.id, c.source, c.destination) for c in run.cases] == [
        ("S04:cml1>mfp1", "north/cml1", "mfp1"),
        ("S04:cml1>mfp2", "south/cml1", "mfp2"),
    ]
    assert (run.customer, run.site) == ("A, B", "North, South")


def test_two_customers_with_a_site_of_the_same_name() -> None:
    parts = [shard(number, {"mfp1": Outcome.PASSED}, site="HQ", customer=name) for number, name in ((1, "A"), (2, "B"))]
    assert [one.id for one in merged(*parts).cases] == ["a-hq/S04:cml1>mfp1", "b-hq/S04:cml1>mfp1"]


def test_every_row_stays_in_its_place() -> None:
    rows = [(case(row, "cml1", "mfp1"), Verdict(Outcome.PASSED, "open")) for row in ROWS]
    parts = [run_of(rows, run_id=name, site=name, rows=list(ROWS)) for name in ("b", "a")]
    assert [one.row for one in merged(*parts).cases] == [row for row in ROWS for _ in range(2)]
