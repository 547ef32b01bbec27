"""The picture as SVG: well formed, escaped, told in words as well, the same each time, small for a large site."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from generated import case, run_of, runs
from generated_sites import site_runs
from hypothesis import HealthCheck, given, settings

from preflight.report.picture import picture_css, topology_svg
from preflight.report.picture.key import told_ports
from preflight.report.picture.staging import scene_of
from preflight.run.model import Run
from preflight.values.outcome import Outcome, Verdict

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {"svg", "title", "desc", "g", "rect", "path", "text", "circle", "ellipse"}
ATTRIBUTES = {
    *("aria-labelledby", "class", "cx", "cy", "d", "fill", "font-family", "font-size", "font-weight", "height", "id"),
    *("r", "role", "rx", "ry", "stroke", "stroke-dasharray", "stroke-width", "text-anchor", "transform", "viewBox"),
    *("width", "x", "y"),
}
thoroughly = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def parsed(run: Run) -> ET.Element:
    return ET.fromstring(topology_svg(run))  # noqa: S314 - we wrote it


@pytest.mark.slow
@thoroughly
@given(site_runs())
def test_any_site_gives_sound_svg_of_our_own_elements_only(run: Run) -> None:
    root = parsed(run)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= SHAPES
    assert {name for element in root.iter() for name in element.attrib} <= ATTRIBUTES
    assert root.get("role") == "img"
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    assert [named[name].tag for name in (root.get("aria-labelledby") or "").split()] == [f"{SVG}title", f"{SVG}desc"]


@pytest.mark.slow
@thoroughly
@given(runs())
def test_any_outcome_at_a_site_without_networks_can_be_drawn(run: Run) -> None:
    svg = topology_svg(run)
    assert "<script" not in svg
    assert svg == topology_svg(Run.model_validate_json(run.model_dump_json()))


@pytest.mark.slow
@thoroughly
@given(site_runs())
def test_failed_and_unverified_ways_differ_by_sign_and_line_not_by_colour_alone(run: Run) -> None:
    root, ways = parsed(run), [way for way in scene_of(run).ways if way.drawn]
    dashed = [line for line in root.iter(f"{SVG}path") if line.get("class") == "pt-open"]
    solid = [line for line in root.iter(f"{SVG}path") if line.get("class") == "pt-fail"]
    assert all(line.get("stroke-dasharray") for line in dashed)
    assert not any(line.get("stroke-dasharray") for line in solid)
    legend = {way.standing for way in ways}  # each kind of line once more, in the legend
    assert len(solid) == sum(way.standing is Outcome.FAILED for way in ways) + (Outcome.FAILED in legend)
    assert len(dashed) == sum(way.standing is Outcome.UNVERIFIED for way in ways) + (Outcome.UNVERIFIED in legend)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    for way in ways:
        assert str(way.number) in texts
    assert {"\u2717"} <= set(texts) or Outcome.FAILED not in legend


def test_every_class_has_its_rule_and_every_colour_a_fallback() -> None:
    failed = [(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, "shut"))]
    classes = set(re.findall(r'class="([^"]+)"', topology_svg(run_of(failed))))
    assert classes <= set(re.findall(r"\.([\w-]+) \{", picture_css()))
    assert not re.findall(r"var\(--[\w-]+\)", picture_css())


@pytest.mark.parametrize(
    ("ports", "told"),
    [
        ([("tcp", 515), ("tcp", 9100), ("tcp", 9101), ("tcp", 9102), ("udp", 161)], "tcp 515, 9100-9102; udp 161"),
        ([("tcp", port) for port in range(1, 60, 2)], "tcp 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 18 more"),
        ([], ""),
    ],
)
def test_ports_are_told_briefly(ports: list[tuple[str, int]], told: str) -> None:
    assert told_ports(ports) == told


@pytest.mark.slow
def test_two_thousand_printers_are_ten_stacks(two_thousand_printers: Run) -> None:
    scene = scene_of(two_thousand_printers)
    stacks = [node for box in scene.boxes for node in box.nodes if node.kind == "printer"]
    assert [(node.label, node.note) for node in stacks] == [("200", "printers")] * 10
    (way,) = scene.ways
    assert (way.whole, len(way.pairs), way.rows[0]) == (True, 200, "P01")
    svg = topology_svg(two_thousand_printers)
    assert "branch1-ors (branch1-clients) \u2192 200 printers (branch1-printers)" in svg
    assert len(svg) < 100_000
