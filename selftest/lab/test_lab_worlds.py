"""Scenarios load, are told apart by name, and a broken file says where it is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from preflight.errors import InputError, SelectionError
from preflight.lab import world as worlds
from preflight.lab.files import ScenarioFile, read
from preflight.lab.world import World, load_world, scenario_names, scenario_titles
from preflight.topology.model import Topology

ASKED_FOR = {
    "healthy",
    "printer-vlan-closed",
    "iis-on-port-80",
    "host-firewall-without-rules",
    "cml-node-unreachable",
    "proxy-accepts-everything",
    "dead-service-silent-firewall",
    "installed",
}


def test_the_scenarios_are_there() -> None:
    assert scenario_names()[0] == "healthy"
    assert set(scenario_names()) >= ASKED_FOR


@pytest.mark.parametrize("name", scenario_names())
def test_each_scenario_loads_and_says_what_it_shows(name: str, site: Topology) -> None:
    played = load_world(site, name)
    assert played.scenario == name
    assert played.title == scenario_titles()[name]
    assert set(played.places) == set(site.machines)


def test_the_documentation_names_every_scenario(site: Topology) -> None:
    page = Path(site.file).parent / "docs" / "lab.md"
    text = page.read_text(encoding="utf-8")
    assert [name for name in scenario_names() if f"`{name}`" not in text] == []


def test_nothing_is_installed_while_healthy(world: Callable[[str], World]) -> None:
    assert not any(place.installed for place in world("healthy").places.values())


def test_installation_opens_the_ports_of_the_roles(world: Callable[[str], World]) -> None:
    cml1 = world("installed").places["cml1"]
    assert cml1.installed
    assert all(service.running for service in cml1.services if service.name.startswith("YSoft"))
    assert cml1.listeners["tcp", 9100].service == "YSoftSafeQCML"
    assert cml1.listeners["tcp", 5012].service == "YSoftSafeQTS"
    assert cml1.listeners["tcp", 19898].bind == "127.0.0.1"
    assert cml1.listeners["tcp", 139].process == "System"
    assert ("tcp", 4139) not in cml1.listeners


def test_a_dead_service_is_installed_and_holds_no_port(world: Callable[[str], World]) -> None:
    cml1 = world("dead-service-silent-firewall").places["cml1"]
    running = {service.name: service.running for service in cml1.services}
    assert running["YSoftSafeQCML"] is False
    assert running["YSoftSafeQTS"] is True
    assert ("tcp", 9100) not in cml1.listeners


def test_a_web_server_keeps_its_port(world: Callable[[str], World]) -> None:
    holder = world("iis-on-port-80").places["cml1"].listeners["tcp", 80]
    assert (holder.process, holder.pid) == ("System", 4)


def test_an_unknown_scenario_names_the_nearest(site: Topology) -> None:
    with pytest.raises(SelectionError, match="did you mean printer-vlan-closed"):
        load_world(site, "printer-vlan-close")


def test_an_unknown_world_is_refused(site: Topology) -> None:
    with pytest.raises(SelectionError, match="no lab world is called 'defualt'; did you mean default"):
        load_world(replace(site, lab="defualt"))


def test_a_scenario_that_does_not_fit_the_inventory_is_refused(site: Topology) -> None:
    smaller = replace(site, machines={n: m for n, m in site.machines.items() if n != "cml2"})
    with pytest.raises(SelectionError, match="scenario cml-node-unreachable speaks of cml2"):
        load_world(smaller, "cml-node-unreachable")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: t\nrulez: []\n", r"broken\.yaml: rulez: Extra inputs"),
        ("title: t\nrules: [{from: a, to: b, do: burn}]\n", r"rules\.0\.do: Input should be 'drop'"),
        ("title: t\nmachines: [{who: a, listens: [{tcp: 70000}]}]\n", r"tcp: Value error, a port is a number from 1"),
        ("title: [t\n", "not readable as YAML"),
        ("", "broken.yaml"),
    ],
)
def test_a_broken_file_says_where(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read(file, ScenarioFile)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("any", 22), ("cml1", 1), ("cml*", 2), ("ors", 2), ("hq-printers", 6), ("branch", 8), ("ricoh", 1), ("nobody", 0)],
)
def test_whom_a_word_means(word: str, meant: int, site: Topology) -> None:
    assert sum(worlds.matches(machine, word) for machine in site.machines.values()) == meant
