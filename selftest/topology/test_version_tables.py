"""Tables of versions: the suite's own say where they come from, a site's file takes their place and is kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from preflight.errors import InventoryError
from preflight.topology.loader import load_inventory
from preflight.topology.model import Topology
from preflight.values.hardware_minimum import MEASURES, OURS

SITE = "customer: a\nsite: b\nhosts: {d: {roles: cml, address: 10.0.0.1}}\n"


def load(folder: Path, more: str = "", **files: str) -> Topology:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "inventory.yaml").write_text(SITE + more, encoding="utf-8")
    return load_inventory(folder / "inventory.yaml")


def test_what_is_shipped_says_where_it_comes_from(tmp_path: Path) -> None:
    site = load(tmp_path)
    for table, products, days in (
        (site.checklist.browsers, {"edge", "chrome", "firefox"}, 14),
        (site.checklist.patches, {"windows"}, 28),
    ):
        assert set(table.versions) == products
        assert table.fresh_days == days
        assert "the suite's own" in table.origin
        for entry in (e for entries in table.versions.values() for e in entries):
            assert entry.version
            assert len(entry.source) > 10
            assert entry.as_of >= date(2026, 10, 1)
    assert site.files == ()


def test_a_file_of_the_site_takes_its_place(tmp_path: Path) -> None:
    table = 'versions: {chrome: [{version: "200.1", as_of: 2026-11-01, source: me}]}\n'
    site = load(tmp_path, "checklist: {browsers: mine.yaml}\n", mine=table)
    assert list(site.checklist.browsers.versions) == ["chrome"]
    assert site.checklist.browsers.fresh_days == 14
    assert site.checklist.browsers.origin == "the site's table mine.yaml"
    assert [file.name for file in site.files] == ["mine.yaml"], "a run keeps a copy"
    changed = load(tmp_path, "checklist: {browsers: mine.yaml}\n", mine=table.replace("200.1", "200.2"))
    assert changed.digest != site.digest
    assert set(site.checklist.patches.versions) == {"windows"}, "the other table stays the suite's"


def test_problems_of_a_file_name_the_file(tmp_path: Path) -> None:
    table = "fresh_days: 93\nversions:\n  windows:\n    - {version: '1.2', as_of: soon, source: me}\n  linux: []\n"
    with pytest.raises(InventoryError) as caught:
        load(tmp_path, "checklist: {patches: mine.yaml}\n", mine=table)
    told = [line.removeprefix(f"{tmp_path}/") for line in str(caught.value).splitlines()]
    assert told[0].startswith("mine.yaml:1: fresh_days: a table of 93 days ago says nothing of today")
    assert told[1].startswith("mine.yaml:4: versions.windows[0].as_of: 'soon' is not a day")
    assert told[2].startswith("mine.yaml:5: versions.linux: no such key; there are: windows")
    assert len(told) == 3


def test_time_stands_still_in_a_lab_alone(tmp_path: Path) -> None:
    entry = '{version: "1", as_of: 2026-01-01, source: lab}'
    text = f"checklist: {{browsers: {{fresh_days: 36500, versions: {{edge: [{entry}]}}}}}}\n"
    assert load(tmp_path, f"lab: default\n{text}").checklist.browsers.fresh_days == 36500
    with pytest.raises(InventoryError, match="write 92 at most"):
        load(tmp_path, text)


def test_a_server_needs_the_most_of_its_roles(tmp_path: Path) -> None:
    said = (
        "checklist: {hardware: {cml: {cores: 2, free_gb: 10.5, systems: [server-2016, server-2019]}, "
        "ts: {cores: 6, disk: 'd:', systems: server-2019}, ors: {memory_gb: 64}}}\n"
    )
    hardware = load(tmp_path, said).checklist.hardware
    both = hardware.minimum({"cml", "ts"})
    assert (both.cores, both.free_gb, both.disk, both.systems) == (6, 10.5, "D:", {"server-2019"})
    assert (both.memory_gb, both.ours) == (OURS.memory_gb, {"memory_gb"})
    assert hardware.minimum({"crs"}) == OURS
    assert OURS.ours == set(MEASURES)
