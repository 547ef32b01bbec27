"""Which runs are merged, which never, and what is said of those that are older or were asked otherwise."""

from __future__ import annotations

import pytest
from merge_parts import merged, shard

from preflight.errors import RecordingError
from preflight.run.model import CatalogueInfo, Run
from preflight.values.outcome import Outcome

OTHER = CatalogueInfo(product="safeq", version="5", revision=2, digest="2" * 64)
ONE = shard(1, {"mfp1": Outcome.PASSED})


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([ONE], "two runs or more"),
        ([ONE, ONE], "named twice"),
        ([ONE, shard(2, {"mfp1": None}, lab="default")], "never merged"),
        ([ONE, shard(2, {"mfp1": None}, site="South", lab="default")], "never merged"),
        ([ONE, shard(2, {"mfp1": None}, catalogue=OTHER)], "different catalogues .revisions 2 and 1"),
        ([ONE, shard(2, {"mfp1": None}, inventory_digest="9" * 64)], "inventory changed between them"),
        ([shard(n, {"mfp1": None}, lab="x", scenario=str(n)) for n in (1, 2)], "different scenarios"),
        ([merged(ONE, shard(2, {"mfp1": None})), shard(3, {"mfp1": None})], "is a merged run"),
        ([ONE, shard(2, {"mfp1": None}, replay_of="r0")], "r2: is a replay, which asked nobody; .* again: r0"),
        ([ONE, shard(2, {"mfp1": None}, selection={"phase": "after"})], "--phase=after, without --phase"),
        ([ONE, shard(2, {"mfp1": None}, selection={"no_listeners": "yes"})], ".--no-listeners, without --no-listeners"),
    ],
)
def test_what_does_not_belong_together(parts: list[Run], message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        merged(*parts)


def test_parts_that_lie_more_than_a_day_apart_are_told_and_the_newest_is_as_of() -> None:
    parts = [shard(1, {"mfp1": Outcome.PASSED}), shard(2, {"mfp1": None}, started="2026-11-22T00:00:01Z")]
    run = merged(*parts)
    assert run.notes == (
        "the parts lie 1 day apart: r1 of 2026-11-21 00:00 UTC, r2 of 2026-11-22 00:00 UTC; what the older ones saw "
        "may have changed since",
    )
    assert (run.started, run.as_of) == ("2026-11-21T00:00:00Z", "2026-11-22T00:00:01Z")


def test_what_was_asked_last_counts_whenever_it_was_told() -> None:
    one = shard(1, {"mfp1": Outcome.PASSED}, started="2026-11-25T00:00:00Z", as_of="2026-11-21T00:00:00Z")
    two = shard(2, {"mfp1": Outcome.FAILED}, as_of="2026-11-22T00:00:00Z")
    assert [c.standing for c in merged(one, two).cases] == [Outcome.FAILED]


def test_sites_that_were_asked_otherwise_are_told() -> None:
    north = shard(1, {"mfp1": Outcome.PASSED}, site="North", selection={"phase": "before"})
    south = shard(1, {"mfp1": Outcome.PASSED}, site="South", run_id="s1")
    run = merged(north, south)
    assert run.notes == (
        "not all sites were asked alike: Example Print s.r.o., North: --phase=before; "
        "Example Print s.r.o., South: without --phase",
    )
