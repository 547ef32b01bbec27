"""The fact `firewall` of lab machines says the same as the world's rules do to packets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from preflight.agents.contract_facts import FACT_TYPES
from preflight.firewall.evaluate import read_firewall
from preflight.firewall.model import Flow
from preflight.lab.network import pass_through
from preflight.lab.packetfilter import firewall_fact
from preflight.lab.places import Listener
from preflight.lab.state import LabNetwork
from preflight.lab.world import World

PORTS = (25, 80, 135, 443, 5011, 5012, 5556, 5985, 20221, 20222, 20223, 20225, 20226, 65535)


@pytest.mark.parametrize("scenario", ["healthy", "host-firewall-without-rules"])  # the others have the same firewalls
def test_the_fact_agrees_with_the_packets(scenario: str, world: Callable[[str], World]) -> None:
    lab = LabNetwork(world(scenario))
    looked, shut = 0, 0
    for there, place in lab.world.places.items():
        fact = firewall_fact(there, lab)
        value = FACT_TYPES["firewall"].dump_python(fact, mode="json")
        assert fact.kind == ("windows" if place.system.family == "windows" else "none")
        firewall = read_firewall(value)
        for here, asking in lab.world.places.items():
            for protocol in ("tcp", "udp") if here != there else ():
                for port in PORTS:
                    listener = Listener(protocol, port, "0.0.0.0", 1, "x")  # noqa: S104 - nothing is bound

                    def holder(*_: object, held: Listener = listener) -> Listener:
                        return held

                    met = pass_through(lab.world, holder, here, place.machine.address, protocol, port)
                    if met.by == "network":
                        continue
                    ask = Flow("in", protocol, place.machine.address, port, asking.machine.address)  # type: ignore[arg-type]
                    policy = firewall.ask(ask)
                    assert policy.verdict == ("block" if met.by == "host" else "allow"), (here, there, port, policy)
                    looked, shut = looked + 1, shut + (met.by == "host")
    assert looked > 1000
    assert shut


def test_a_port_that_a_scenario_closes_has_no_rule(world: Callable[[str], World]) -> None:
    lab = LabNetwork(world("host-firewall-without-rules"))
    here = lab.world.places["cml1"].machine.address
    policy = read_firewall(firewall_fact("cml1", lab).model_dump(mode="json")).ask(
        Flow("in", "tcp", here, 5012, "10.9.9.9")
    )
    assert policy.sentence == "the host's firewall has no inbound rule for TCP 5012 on the Domain profile"
