"""What is recorded of Windows servers: every version, every item, one thing wrong in each variation."""

from __future__ import annotations

import pytest
from checklist.item_cases import item_tests
from world_files import WORLDS, WindowsWorld, windows_worlds

ALL = windows_worlds()
ITEMS = sorted(item for item in item_tests() if item.startswith("C"))
PLAIN = {world.name: world for world in ALL if "," not in world.name}
BUILDS = {"server-2012-r2": "9600", "server-2016": "14393", "server-2019": "17763", "server-2022": "20348"}
BUILDS |= {"server-2025": "26100", "server-2022-czech": "20348"}
NT = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"


def test_there_is_every_version() -> None:
    assert {name: w.data["registry"][NT]["CurrentBuildNumber"] for name, w in PLAIN.items()} == BUILDS
    assert PLAIN["server-2022-czech"].data["culture"] == "cs-CZ"
    page = (WORLDS / "README.md").read_text(encoding="utf-8")
    assert all(build in page for build in BUILDS.values())


@pytest.mark.parametrize("world", ALL, ids=lambda w: w.name)
def test_each_item_has_an_outcome_and_words(world: WindowsWorld) -> None:
    assert sorted(world.data["expect"]) == ITEMS
    assert [item for item, line in world.data["expect"].items() if len(line) < 2] == []


@pytest.mark.parametrize("world", [w for w in ALL if "," in w.name], ids=lambda w: w.name)
def test_a_variation_is_about_one_item(world: WindowsWorld) -> None:
    plain, now = PLAIN[world.name.partition(",")[0]].data["expect"], world.data["expect"]
    other = {item for item in ITEMS if now[item] != plain[item]}
    failed = {item for item in other if now[item][0] == "failed"}
    assert other, "it says nothing else than the plain one"
    assert len(failed) <= 1
    if failed and failed != {"C12"}:  # an account without rights does not see what others rest on
        assert other == failed


def test_each_server_breaks_another_item() -> None:
    broken: dict[str, set[str]] = {name: set() for name in PLAIN}
    for world in ALL:
        failed = {item for item, line in world.data["expect"].items() if line[0] == "failed"}
        broken[world.name.partition(",")[0]] |= failed
    assert all(broken.values())
    assert set.union(*broken.values()) == set(ITEMS) - {"C02", "C06", "C11"}  # the README says why not these


def test_a_plain_one_fails_nowhere() -> None:
    assert [n for n, w in PLAIN.items() if any(line[0] == "failed" for line in w.data["expect"].values())] == []
