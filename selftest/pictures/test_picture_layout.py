"""The picture's layout over any site: nothing lies over anything else, and every failing pair is in it."""

from __future__ import annotations

from itertools import combinations

import pytest
from generated_sites import STRANGER, site_runs
from hypothesis import HealthCheck, given, settings

from preflight.report.picture.grouping import MOST_BOXES
from preflight.report.picture.layout import lay_out
from preflight.report.picture.shapes import Rect
from preflight.report.picture.staging import scene_of
from preflight.report.picture.ways import MOST_WAYS
from preflight.run.model import Run
from preflight.values.outcome import Outcome

thoroughly = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def apart(rects: list[Rect]) -> bool:
    """Whether no two of them share any area."""
    return not any(one.meets(other) for one, other in combinations(rects, 2))


@pytest.mark.slow
@thoroughly
@given(site_runs())
def test_no_box_machine_or_text_lies_over_another(run: Run) -> None:
    layout = lay_out(scene_of(run))
    page = Rect(0, 0, layout.width, layout.height)
    assert apart([frame.rect for frame in layout.frames])
    for frame in layout.frames:
        assert page.holds(frame.rect)
        assert apart([frame.label.room, *(box.rect for box in frame.boxes)])
        for box in frame.boxes:
            assert frame.rect.holds(box.rect)
            assert apart([*(line.room for line in box.lines), *(node.rect for node in box.nodes)])
            assert all(
                box.rect.holds(thing) for thing in (*(line.room for line in box.lines), *(n.rect for n in box.nodes))
            )
            for node in box.nodes:
                icon = Rect(node.rect.x + node.rect.w / 2 - 18, node.rect.y + 7, 36, 28)
                assert apart([icon, *(line.room for line in node.lines)])
                assert all(node.rect.holds(line.room) for line in node.lines), node
    below = [*layout.keys, *((word, rect, (word,)) for _, rect, word in layout.legend)]
    words = [thing for _, rect, lines in below for thing in (rect, *(line.room for line in lines))]
    assert apart(words)
    bottom = max((frame.rect.bottom for frame in layout.frames), default=0.0)
    assert all(page.holds(word) and word.y >= bottom for word in words)


@pytest.mark.slow
@thoroughly
@given(site_runs(most_networks=6, most_hosts=20))
def test_no_way_runs_through_a_machine_or_a_text_or_under_anothers_number(run: Run) -> None:
    layout = lay_out(scene_of(run))
    solid = [node.rect for box in layout.boxes for node in box.nodes]
    solid += [line.room for box in layout.boxes for line in box.lines]
    solid += [frame.label.room for frame in layout.frames]
    badges = [route.badge for route in layout.routes]
    assert apart([*badges, *(box.rect for box in layout.boxes)])
    for route in layout.routes:
        x, top, bottom = route.upright
        lines = [Rect(x, top, 0.1, bottom - top)]
        lines += [Rect(start, y, end - start, 0.1) for y, start, end in route.streets]
        lines += [Rect(stub.x, stub.top, 0.1, stub.bottom - stub.top) for stub in route.stubs]
        assert not [one for one in lines for other in solid if one.meets(other)]
        assert not any(lines[0].meets(badge) for badge in badges if badge != route.badge)
        assert not any(box.rect.meets(lines[0]) for box in layout.boxes), "uprights stand between the columns"


def along(lines: list[tuple[int, float, float, float]]) -> list[tuple[int, int]]:
    """Pairs of different ways with lines (way, place across, from, to) that lie so close that they look like one."""
    return [
        (one[0], other[0])
        for one, other in combinations(lines, 2)
        if one[0] != other[0] and abs(one[1] - other[1]) < 3 and one[2] < other[3] and other[2] < one[3]
    ]


@thoroughly
@given(site_runs(most_networks=8, most_hosts=30))
def test_no_two_ways_share_a_line(run: Run) -> None:
    routes = lay_out(scene_of(run)).routes
    assert along([(route.way.number, *street) for route in routes for street in route.streets]) == []
    assert along([(route.way.number, *route.upright) for route in routes]) == []


@thoroughly
@given(site_runs())
def test_every_way_ends_below_its_machines(run: Run) -> None:
    layout = lay_out(scene_of(run))
    placed = {node.node.key: node.rect for box in layout.boxes for node in box.nodes}
    for route in layout.routes:
        for keys, arrives in ((route.way.sources, False), (route.way.destinations, True)):
            stubs = [stub for stub in route.stubs if stub.arrives is arrives]
            assert len(stubs) == len(keys)
            for key, stub in zip(keys, stubs, strict=True):
                assert placed[key].x < stub.x < placed[key].right
                assert stub.top == placed[key].bottom
                assert any(y == stub.bottom and start <= stub.x <= end for y, start, end in route.streets)
        assert all(start <= route.upright[0] <= end for _, start, end in route.streets), "streets meet the upright"
    ends = [round(stub.x, 3) for route in layout.routes for stub in route.stubs]
    heights = [round(stub.top, 3) for route in layout.routes for stub in route.stubs]
    assert len(set(zip(ends, heights, strict=True))) == len(ends), "no two ends at the same place"


@thoroughly
@given(site_runs())
def test_every_failing_pair_and_every_machine_is_in_the_picture_once(run: Run) -> None:
    scene = scene_of(run)
    expected = sorted(
        {
            (case.standing, case.source, case.destination)
            for case in run.cases
            if case.standing in (Outcome.FAILED, Outcome.UNVERIFIED) and case.source and case.destination
        }
    )
    assert sorted((way.standing, *pair) for way in scene.ways for pair in way.pairs) == expected
    nodes = {node.key: node for box in scene.boxes for node in box.nodes}
    home = {node.key: box.key for box in scene.boxes for node in box.nodes}
    for way in scene.ways:
        shown = {(s, d) for s in way.sources for d in way.destinations}
        meant = {
            (s, d)
            for s in way.sources
            for d in way.destinations
            if any(pair[0] in nodes[s].members and pair[1] in nodes[d].members for pair in way.pairs)
        }
        assert way.whole is (shown == meant)
        for pair in way.pairs:
            assert any(pair[0] in nodes[key].members for key in way.sources)
            assert any(pair[1] in nodes[key].members for key in way.destinations)
        assert len({home[key] for key in way.sources}) == len({home[key] for key in way.destinations}) == 1
    members = [name for node in nodes.values() for name in node.members]
    strangers = {end for case in run.cases for end in (case.source, case.destination) if end == STRANGER}
    assert sorted(members) == sorted([*(host.name for host in run.hosts), *strangers])
    assert len(scene.boxes) <= MOST_BOXES
    assert [way.number for way in scene.ways if way.drawn] == list(range(1, min(len(scene.ways), MOST_WAYS) + 1))


def test_the_check_for_overlaps_finds_one() -> None:
    assert apart([Rect(0, 0, 10, 10), Rect(10, 0, 10, 10)])
    assert not apart([Rect(0, 0, 10, 10), Rect(9, 9, 10, 10)])
