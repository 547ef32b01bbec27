"""The evaluator against real nftables and real packets between two namespaces."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wire_of_two import FAR, FAR6, NEAR, NEAR6, PORTS, Wire, unavailable

from preflight.agents.contract_facts import FACT_TYPES
from preflight.firewall.evaluate import evaluate
from preflight.firewall.model import Flow, Policy
from preflight.values.shipped_yaml import load as load_yaml

ROWS = load_yaml(Path(__file__).with_name("rulesets.yaml").read_text(encoding="utf-8"))
pytestmark = [pytest.mark.slow, pytest.mark.skipif(unavailable() is not None, reason=str(unavailable()))]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


def compare(wire: Wire, nft: str, unsure: bool) -> list[str]:
    """Every verdict that came out; an AssertionError names the first that the packets contradict."""
    fact = wire.rules(nft)
    FACT_TYPES["firewall"].validate_python(fact)
    verdicts = []
    for direction, place in (("in", wire.near), ("out", wire.far)):
        ends = ((FAR, NEAR), (FAR6, NEAR6))
        asked = [(p, local, remote, port) for p in ("tcp", "udp") for local, remote in ends for port in PORTS]
        probes = [(p, local if direction == "in" else remote, port) for p, local, remote, port in asked]
        for (protocol, local, remote, port), seen in zip(asked, wire.ask(place, probes), strict=True):
            ports = {"local_port" if direction == "in" else "remote_port": port}
            policy = evaluate(fact, Flow(direction, protocol, local, remote=remote, **ports))
            verdicts.append(policy.verdict)
            hold(policy, seen, f"{direction} {protocol} {local} {remote} {port}", unsure)
    return verdicts


def hold(policy: Policy, seen: str, what: str, unsure: bool) -> None:
    if policy.verdict == "unknown":
        assert unsure, (what, seen, policy)
    else:
        assert (policy.verdict == "allow") == (seen in ("accepted", "heard")), (what, seen, policy)
    if policy.verdict == "block" and what.startswith("in") and not policy.silence.endswith("ICMP error"):
        # An ICMP error may reach a socket too early to be told: then it looks like silence until the next try.
        assert policy.silent == (seen == "silence"), (what, seen, policy)


@pytest.mark.parametrize("row", ROWS, ids=[r["name"] for r in ROWS])
def test_the_packets_agree(row: dict[str, Any], wire: Wire) -> None:
    verdicts = compare(wire, row["nft"], row.get("unsure", False))
    if row.get("unsure"):
        assert "unknown" in verdicts


@pytest.mark.parametrize("seed", range(12))
def test_the_packets_agree_with_rules_made_up(seed: int, wire: Wire) -> None:
    compare(wire, made_up(random.Random(seed)), False)  # noqa: S311 - a test's dice


def made_up(dice: random.Random) -> str:
    """A table of three chains that call each other forwards only."""
    chains = [[_rule(dice, below) for _ in range(dice.randint(1, 4))] for below in (["b", "c"], ["c"], [])]
    policy = dice.choice(["accept", "drop"])
    head = f"type filter hook input priority {dice.randint(-5, 5)}; policy {policy}; "
    # Without these the neighbours would not find each other, and answers to flows of our own would not come in.
    head += "meta l4proto ipv6-icmp accept; ct state established accept;"
    body = [f"chain c {{ {' '.join(chains[2])} }}", f"chain b {{ {' '.join(chains[1])} }}"]
    return f"table inet f {{ {' '.join(body)} chain a {{ {head} {' '.join(chains[0])} }} }}"


def _rule(dice: random.Random, below: list[str]) -> str:
    transport = [
        dice.choice(["tcp dport", "udp dport"]) + f" {dice.choice(['', '!= '])}{dice.choice(PORTS)}",
        f"tcp dport {{ {dice.choice(PORTS)}, 5011-5013 }}",
        "meta l4proto udp",
    ]
    network = [
        f"ip saddr {dice.choice([NEAR, '10.77.0.0/25', '10.77.0.8'])}",
        f"ip6 saddr {dice.choice([NEAR6, 'fd77::/120', 'fd78::/16'])}",
        "meta nfproto ipv6",
    ]
    kinds = dice.sample([transport, network, ['iifname "far0"', "ct state new"]], dice.randint(0, 2))
    conditions = [dice.choice(kind) for kind in kinds]
    verdicts = ["accept", "drop", "reject", "return", *(f"{way} {name}" for name in below for way in ("jump", "goto"))]
    return " ".join([*conditions, dice.choice(verdicts)]) + ";"
