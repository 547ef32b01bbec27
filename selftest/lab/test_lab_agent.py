"""Lab agents, asked by JSON lines; every line that they say is validated against the contract."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from preflight.agents import contract, contract_facts
from preflight.agents.reads import UpdatesRead
from preflight.lab.agent import LabAgent
from preflight.lab.state import LabNetwork
from preflight.lab.world import World

RUN = "0123456789abcdef"
OTHER_RUN = "fedcba9876543210"
CML1, CML2 = "10.10.1.11", "10.10.1.12"
Start = Callable[..., Any]


def listener(protocol: str = "tcp", port: int = 4111, **more: Any) -> contract.ListenerRequest:
    return contract.ListenerRequest(key=f"{protocol}/{port}", protocol=protocol, port=port, **more)  # type: ignore[arg-type]


def window(*listeners: contract.ListenerRequest, name: str = "w", seconds: float = 20) -> contract.Listen:
    return contract.Listen(id=name, token=RUN, window_s=seconds, listeners=listeners)


def probe(address: str, port: int, protocol: str = "tcp", nonce: str = "n1", **more: Any) -> contract.ProbeRequest:
    given = {"send": f"PREFLIGHT/1 {RUN} {nonce}\n".encode().hex(), "read_s": 1.0, "timeout_s": 5.0} | more
    return contract.ProbeRequest(key="p", protocol=protocol, address=address, port=port, **given)  # type: ignore[arg-type]


def asked(agent: Any, *probes: contract.ProbeRequest) -> list[contract.ResultEvent]:
    events = agent.ask(contract.Exchange(id="x", probes=probes))
    assert isinstance(events[-1], contract.DoneEvent)
    return [e for e in events if isinstance(e, contract.ResultEvent)]


def sockets(agent: Any, fact: str = "sockets") -> list[dict[str, Any]]:
    event = agent.ask(contract.Gather(id="g", facts=(fact,)))[0]
    return list(event.value)


def test_hello(talk: Start) -> None:
    (event,) = talk("gather", "cml1").ask(contract.Hello())
    assert (event.event, event.agent, event.contract) == ("hello", "gather", contract.CONTRACT_VERSION)


def test_another_contract_is_a_fault(talk: Start) -> None:
    (event,) = talk("gather", "cml1").ask(contract.Hello(contract=99))
    assert event.event == "fault"


@pytest.mark.parametrize("line", ["", "not json", '{"do": "dance"}', '{"do": "gather"}'])
def test_what_the_contract_lacks_is_a_fault(line: str, talk: Start) -> None:
    agent = talk("gather", "cml1")
    agent.agent.take(line)
    assert [e.event for e in agent.new()] == ["fault"]


def test_an_agent_does_its_own_work_only(talk: Start) -> None:
    assert [e.event for e in talk("gather", "cml1").ask(window(listener()))] == ["fault"]


@pytest.mark.parametrize("machine", ["cml1", "sql1", "ws1", "v1", "ors2"])
@pytest.mark.parametrize("scenario", ["healthy", "installed"])
def test_all_facts_of_a_machine(machine: str, scenario: str, talk: Start, world: Callable[[str], World]) -> None:
    events = talk("gather", machine, scenario).ask(contract.Gather(id="g", services=("YSoft.*",)))
    facts = {e.name: e for e in events if isinstance(e, contract.FactEvent)}
    assert set(facts) == set(contract_facts.FACTS)
    assert {e.status for e in facts.values()} == {"ok"}
    assert bool(facts["services"].value) is world(scenario).places[machine].installed
    assert world(scenario).places[machine].machine.address in {a["address"] for a in facts["addresses"].value}


def test_an_unknown_fact_is_absent(talk: Start) -> None:
    events = talk("gather", "cml1").ask(contract.Gather(id="g", facts=("weather",)))
    assert [(e.event, getattr(e, "status", "")) for e in events] == [("fact", "absent"), ("done", "")]


def test_windows_update_is_asked_by_the_agent_that_is_for_it_alone(talk: Start) -> None:
    asked = contract.Gather(id="g", facts=(), reads=(UpdatesRead(name="scan"),))
    by_gather, by_scan = (talk(name, "cml1").ask(asked)[0] for name in ("gather", "scan"))
    assert (by_gather.status, by_gather.detail) == ("absent", "this agent knows no read of the kind 'updates'")
    assert by_scan.detail == "the lab's world does not say", "it knows the kind"


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_nonce_is_heard(protocol: str, talk: Start) -> None:
    ear, mouth = talk("listen", "cml2"), talk("exchange", "cml1")
    events = ear.ask(window(listener(protocol, prove=CML2)))
    assert [e.event for e in events] == ["listener", "ready"]
    assert events[0].status == "up"
    (result,) = asked(mouth, probe(CML2, 4111, protocol))
    assert result.outcome == "answered"
    said = bytes.fromhex(result.received).decode()
    assert said == (f"PREFLIGHT/1 {RUN} heard n1\n" if protocol == "tcp" else f"PREFLIGHT/1 {RUN} n1\n")
    (heard,) = ear.new()
    assert (heard.event, heard.nonce, heard.address, heard.port) == ("heard", "n1", CML1, result.local_port)


def test_a_stranger_is_not_reported(talk: Start) -> None:
    ear, mouth = talk("listen", "cml2"), talk("exchange", "cml1")
    ear.ask(window(listener()))
    foreign = f"PREFLIGHT/1 {OTHER_RUN} n1\n".encode().hex()
    assert [r.outcome for r in asked(mouth, probe(CML2, 4111, send=foreign))] == ["accepted"]
    assert ear.new() == []


def test_translation_shows_in_what_is_heard(talk: Start) -> None:
    ear, mouth = talk("listen", "cml1", "ors-link-translated"), talk("exchange", "ors1")
    ear.ask(window(listener(port=6010)))
    assert asked(mouth, probe(CML1, 6010))[0].local == "10.20.0.11"
    assert [e.address for e in ear.new()] == ["10.20.0.1"]


def test_a_proxy_accepts_what_nobody_hears(talk: Start) -> None:
    ear, mouth = talk("listen", "cml1", "proxy-accepts-everything"), talk("exchange", "v1")
    ear.ask(window(listener(port=5012)))
    assert [r.outcome for r in asked(mouth, probe(CML1, 5012))] == ["accepted"]
    assert ear.new() == []


def test_dropped_costs_no_time_and_says_how_long_it_would_take(talk: Start) -> None:
    (result,) = asked(talk("exchange", "cml1", "printer-vlan-closed"), probe("10.10.2.11", 9100, send=""))
    assert (result.outcome, result.took_ms, result.detail) == ("dropped", 5000, "no reply within 5 s")


@pytest.mark.parametrize(
    ("scenario", "source", "address", "port", "protocol", "outcome", "code"),
    [
        ("healthy", "cml1", "10.10.2.11", 9101, "tcp", "refused", "ECONNREFUSED"),
        ("healthy", "cml1", "10.10.2.11", 9101, "udp", "refused", "ECONNREFUSED"),
        ("healthy", "cml1", "10.10.1.31", 7, "udp", "silent", ""),
        ("healthy", "cml1", "10.10.2.11", 9100, "tcp", "accepted", ""),
        ("healthy", "cml1", "10.10.1.33", 25, "tcp", "answered", ""),
        ("healthy", "cml1", "10.10.1.32", 636, "tcp", "accepted", ""),
        ("ldaps-refused-by-rst", "cml1", "10.10.1.32", 636, "tcp", "refused", "ECONNREFUSED"),
        ("router-prohibits-reporting", "ws1", "10.10.1.31", 2383, "tcp", "unreachable", "EHOSTUNREACH"),
    ],
)
def test_outcomes(
    scenario: str, source: str, address: str, port: int, protocol: str, outcome: str, code: str, talk: Start
) -> None:
    (result,) = asked(talk("exchange", source, scenario), probe(address, port, protocol, send=""))
    assert (result.outcome, result.code) == (outcome, code)


def test_ports_that_cannot_be_had(world: Callable[[str], World]) -> None:
    healthy = world("healthy")
    kept_back = replace(healthy.places["cml1"], excluded=frozenset({50003}))
    lab = LabNetwork(replace(healthy, places={**healthy.places, "cml1": kept_back}))
    said: list[contract.Event] = []
    for machine, port in (("cml1", 139), ("cml1", 50003), ("v1", 80), ("v1", 8080), ("v1", 8080)):
        agent = LabAgent("listen", machine, lab, 1, lambda line: said.append(contract.EVENT.validate_json(line)))
        agent.take(window(listener(port=port)).model_dump_json())
    assert [(e.status, e.detail) for e in said if isinstance(e, contract.ListenerEvent)] == [
        ("in-use", "held by System (pid 4)"),
        ("excluded", "the port lies in a range that Windows keeps back"),
        ("denied", "EACCES: ports below 1024 need root"),
        ("up", ""),
        ("in-use", "held by preflight-listen (pid 1)"),
    ]


def test_a_loopback_listener_is_not_reached_from_outside(talk: Start) -> None:
    ear, mouth, itself = talk("listen", "cml1"), talk("exchange", "cml2"), talk("exchange", "cml1")
    assert ear.ask(window(listener(port=9797, bind="127.0.0.1", prove="127.0.0.1")))[0].status == "up"
    assert [r.outcome for r in asked(mouth, probe(CML1, 9797))] == ["dropped"]
    assert [r.outcome for r in asked(itself, probe("127.0.0.1", 9797))] == ["answered"]


def test_a_listener_that_the_host_cannot_reach_is_not_heard(talk: Start) -> None:
    events = talk("listen", "cml1").ask(window(listener(bind="127.0.0.1", prove=CML1)))
    assert [e.status for e in events if e.event == "listener"] == ["not-heard"]


def test_a_window_ends_asked_replaced_or_by_its_deadline(talk: Start) -> None:
    ear, mouth = talk("listen", "cml1"), talk("exchange", "cml2")
    ear.ask(window(listener()))
    assert [(e.event, e.reason) for e in ear.ask(contract.Close(id="w"))] == [("closed", "asked")]
    assert [r.outcome for r in asked(mouth, probe(CML1, 4111))] == ["dropped"]
    ear.ask(window(listener(), name="w2"))
    replaced = ear.ask(window(listener(), name="w3", seconds=0.01))
    assert [(e.event, e.id) for e in replaced] == [("closed", "w2"), ("listener", "w3"), ("ready", "w3")]
    while ear.agent.due():
        time.sleep(0.005)
    ear.agent.tick()
    assert [(e.event, e.reason) for e in ear.new()] == [("closed", "deadline")]


def test_an_agent_that_ends_takes_its_listeners_and_connections_along(talk: Start) -> None:
    ear, mouth, eye = talk("listen", "v2"), talk("exchange", "v2"), talk("gather", "v2")
    before = sockets(eye, "listeners")
    ear.ask(window(listener(port=8080)))
    asked(mouth, probe("10.20.0.250", 8080, hold_s=20))
    assert len(sockets(eye, "listeners")) == len(before) + 1
    assert sockets(eye) != []
    ear.agent.end()
    mouth.agent.end()
    assert sockets(eye, "listeners") == before
    assert sockets(eye) == []


def test_a_held_connection_stands_in_the_destinations_table(talk: Start) -> None:
    mouth, eye = talk("exchange", "ws2", "installed"), talk("gather", "cml1")
    before = sockets(eye)
    (result,) = asked(mouth, probe(CML1, 4097, send="", read_s=0, hold_s=20))
    (line,) = [s for s in sockets(eye) if s not in before]
    assert (line["local_port"], line["peer"], line["peer_port"]) == (4097, "10.10.3.5", result.local_port)
    assert (line["state"], line["service"]) == ("ESTABLISHED", "YSoftSafeQCML")
    mouth.ask(contract.Release(id="x"))
    assert sockets(eye) == before


def test_behind_a_proxy_the_destinations_table_stays_empty(talk: Start) -> None:
    mouth, eye = talk("exchange", "v1", "proxy-accepts-everything"), talk("gather", "cml1")
    assert asked(mouth, probe(CML1, 139, send="", hold_s=20))[0].outcome == "accepted"
    assert sockets(eye) == []


def test_real_devices_stand_in_the_table(talk: Start) -> None:
    lines = sockets(talk("gather", "ors1", "installed"))
    assert ("10.20.0.61", 4096, "YSoftSafeQORS") in {(s["peer"], s["local_port"], s["service"]) for s in lines}


def test_a_broadcast_is_heard_in_the_subnet(talk: Start) -> None:
    ear, mouth = talk("listen", "v2"), talk("exchange", "ors1")
    ear.ask(window(listener("udp", 64099)))
    (result,) = asked(mouth, probe("10.20.0.255", 64099, "udp", broadcast=True))
    assert result.outcome == "sent"
    assert [(e.event, e.address) for e in ear.new()] == [("heard", "10.20.0.11")]
