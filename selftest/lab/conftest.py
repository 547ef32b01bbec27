"""What the lab's tests share: the default inventory and running labs made of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.agents import contract, contract_facts
from preflight.agents.scripts import AgentName
from preflight.lab.agent import LabAgent
from preflight.lab.state import LabNetwork
from preflight.lab.world import World, load_world
from preflight.topology.loader import load_inventory
from preflight.topology.model import Topology

ROOT = Path(__file__).parents[2]


class Talk:
    """An agent and everything that it said, each line validated against the contract."""

    def __init__(self, name: AgentName, machine: str, lab: LabNetwork) -> None:
        self.events: list[contract.Event] = []
        self.agent = LabAgent(name, machine, lab, 4242, lambda line: self.events.append(_parsed(line)))

    def ask(self, request: contract.Request) -> list[contract.Event]:
        """Send one request as a line; what was said since the last one."""
        self.agent.take(request.model_dump_json())
        return self.new()

    def new(self) -> list[contract.Event]:
        """What was said since the last look."""
        events, self.events[:] = list(self.events), []
        return events


def _parsed(line: str) -> contract.Event:
    assert "\n" not in line
    event = contract.EVENT.validate_json(line)
    if isinstance(event, contract.FactEvent) and event.status == "ok":
        contract_facts.FACT_TYPES[event.name].validate_python(json.loads(line)["value"])
    return event


@pytest.fixture(scope="session")
def site() -> Topology:
    """The default inventory."""
    return load_inventory(ROOT / "inventory.yaml")


@pytest.fixture(scope="session")
def world(site: Topology) -> Callable[[str], World]:
    """The default world, patched by a scenario."""
    return lambda scenario: load_world(site, scenario)


@pytest.fixture
def talk(world: Callable[[str], World]) -> Callable[..., Talk]:
    """Agents of one running lab; the scenario counts at the first call."""
    labs: list[LabNetwork] = []

    def start(name: AgentName, machine: str, scenario: str = "healthy") -> Talk:
        if not labs:
            labs.append(LabNetwork(world(scenario)))
        return Talk(name, machine, labs[0])

    return start
