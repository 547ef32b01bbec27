"""What the lab's rules say is what the kernel does, shown with plain sockets."""

from __future__ import annotations

import random

import pytest

from netlab import LabHost, LabSpec, NetLab, Rule, available
from netlab.watching import PORTS, PUBLISHED, SEEN, SHOUT, held, observe, peers

pytestmark = [pytest.mark.real, pytest.mark.skipif(available() is not None, reason=str(available()))]


ACTIONS = ["accept", "drop", "reject-icmp", "reject-port", "reject-rst", "proxy"]


@pytest.mark.parametrize("where", ["router", "host"])
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_each_action_is_seen_as_told(lab: NetLab, where: str, protocol: str) -> None:
    actions = [
        action
        for action in ACTIONS
        if (protocol == "tcp" or action not in ("reject-rst", "proxy")) and (where == "router" or action != "proxy")
    ]
    lab.rules(
        [
            Rule(action, "servers", "printers", protocol, (PORTS[number],), where)  # type: ignore[arg-type]
            for number, action in enumerate(actions)
        ]
    )
    seen = observe(lab, "s1", [(protocol, "p1", PORTS[number]) for number in range(len(actions))])
    words = ["open" if action == "accept" else action for action in actions]
    assert [lab.expected("s1", "p1", protocol, PORTS[number]) for number in range(len(actions))] == words
    assert seen == [SEEN[protocol, word] for word in words]


@pytest.mark.slow
def test_expected_agrees_with_the_kernel_for_many_mixed_rules(lab: NetLab) -> None:
    dice = random.Random(20)  # noqa: S311 - the same dice every time
    ends = ["any", "servers", "printers", "clients", "s1", "s2", "p1", "p2", "c1", ("s1", "p2"), "10.77.2.0/28"]
    rules = [Rule("dnat", "any", PUBLISHED, "tcp", (PORTS[0], PORTS[1]), to="p1", to_port=PORTS[5])]
    for _ in range(60):
        protocol = dice.choice(["tcp", "udp"])
        where = dice.choice(["router", "router", "host"])
        action = dice.choice(
            ["drop", "reject-icmp", "reject-port", "accept", "snat"] + ["reject-rst", "proxy"] * (protocol == "tcp")
        )
        if where == "host" and action in ("proxy", "snat"):
            continue
        low = dice.choice(PORTS)
        ports = dice.choice([(low,), ((low, low + 1),), tuple(dice.sample(PORTS, 2))])
        rules.append(Rule(action, dice.choice(ends), dice.choice(ends), protocol, ports, where))  # type: ignore[arg-type]
    lab.rules(rules)
    names = [host.name for host in lab.spec.hosts]
    counted: dict[str, int] = {}
    for source in names:
        flows = [
            (protocol, end, port) for protocol in ("tcp", "udp") for end in names if end != source for port in PORTS
        ]
        flows += [("tcp", PUBLISHED, port) for port in PORTS[:2] if source not in ("p1", "p2")]
        told = [lab.expected(source, end, protocol, port) for protocol, end, port in flows]
        seen = observe(lab, source, flows)
        assert [(*flow, one) for flow, one in zip(flows, seen, strict=True)] == [
            (*flow, SEEN[flow[0], word]) for flow, word in zip(flows, told, strict=True)
        ]
        for word in told:
            counted[word] = counted.get(word, 0) + 1
    assert set(counted) == {"open", "drop", "reject-icmp", "reject-port", "reject-rst", "proxy"}


def test_first_match_counts_and_replacing_forgets(lab: NetLab) -> None:
    flow = ("tcp", "p1", PORTS[0])
    lab.rules([Rule("accept", "s1", "p1", "tcp"), Rule("drop", "servers")])
    assert observe(lab, "s1", [flow]) == ["accepted"]
    assert observe(lab, "s2", [flow]) == ["timeout"]
    lab.rules([Rule("reject-rst", "any", "p1", "tcp", ((8000, 8001),))])
    assert observe(lab, "s2", [flow, ("tcp", "p1", PORTS[1])]) == ["ECONNREFUSED rst", "accepted"]


def test_nobody_listening_is_refused_by_the_host_itself(lab: NetLab) -> None:
    assert observe(lab, "s1", [("tcp", "p1", 9), ("udp", "p1", 9)]) == ["ECONNREFUSED rst", "ECONNREFUSED icmp 3/3"]


def test_hundreds_of_icmp_refusals_all_arrive(lab: NetLab) -> None:
    lab.rules([Rule("reject-icmp", "s1", "p1", "tcp")])
    seen = observe(lab, "s1", [("tcp", "p1", port) for port in range(20000, 20400)])
    assert set(seen) == {SEEN["tcp", "reject-icmp"]}


def test_a_proxy_accepts_and_the_destination_knows_nothing(lab: NetLab) -> None:
    lab.rules([Rule("proxy", "s1", "p1", "tcp", (PORTS[0],))])
    with held(lab, "s1", "10.77.2.11", PORTS[0]):
        assert peers(lab, "p1", PORTS[0]) == []
    with held(lab, "s2", "10.77.2.11", PORTS[0]):
        assert peers(lab, "p1", PORTS[0]) == ["10.77.1.12"]


def test_translations_are_seen_by_the_destination(lab: NetLab) -> None:
    lab.rules([Rule("dnat", "servers", PUBLISHED, to="p1"), Rule("snat", "s2", "printers")])
    with held(lab, "s1", PUBLISHED, PORTS[0]):
        assert peers(lab, "p1", PORTS[0]) == ["10.77.1.11"]
    with held(lab, "s2", PUBLISHED, PORTS[0]):
        assert peers(lab, "p1", PORTS[0]) == ["10.77.2.1"]


def test_a_broadcast_stays_in_its_subnet(lab: NetLab) -> None:
    shout = ["python3", "-c", SHOUT, "10.77.1.255", str(PORTS[0])]
    assert sorted(lab.run("s1", shout).stdout.split()) == ["10.77.1.11", "10.77.1.12"]  # who shouts hears itself, too
    lab.rules([Rule("drop", "any", "s2", "udp", where="host")])
    assert lab.run("s1", shout).stdout.split() == ["10.77.1.11"]


def test_hosts_of_one_network_pass_the_router_by(lab: NetLab) -> None:
    lab.rules([Rule("drop")])
    assert lab.expected("s1", "s2", "tcp", PORTS[0]) == "open"
    assert observe(lab, "s1", [("tcp", "s2", PORTS[0]), ("tcp", "p1", PORTS[0])]) == ["accepted", "timeout"]


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: Rule("reject-rst", protocol="udp"), "for tcp"),
        (lambda: Rule("proxy"), "for tcp"),
        (lambda: Rule("dnat", destination=PUBLISHED), "says where"),
        (lambda: Rule("snat", where="host"), "only filters"),
        (lambda: LabSpec([LabHost("a", "10.9.9.9", "n")], {"n": "10.77.1.0/24"}), "not in"),
        (lambda: LabSpec([LabHost("a", "10.77.1.1", "n")], {"n": "10.77.1.0/24"}), "router's"),
        (lambda: LabSpec([LabHost("a", "10.77.1.2", "n", installed=True)], {"n": "10.77.1.0/24"}), "installed=True"),
    ],
)
def test_contradictions_are_refused(build: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build()  # type: ignore[operator]
