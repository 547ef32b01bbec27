"""Generated rule sets against a slow, plain second evaluation that never sees a rule's text and tries every world."""

from __future__ import annotations

import ipaddress
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.firewall.evaluate import evaluate
from preflight.firewall.model import Flow

pytestmark = pytest.mark.slow  # hundreds of rule sets against two evaluations

PROFILES = ["domain", "private", "public"]
PORTS = [80, 81, 82]  # few of everything, so that rules and questions often meet
REMOTES = ["10.0.0.1", "10.0.0.1", "10.0.1.1", "192.0.2.7", "fd00::1"]
SUBNETS = ["10.0.0.0/24", "10.0.0.0/8", "192.0.2.0/24", "fd00::/64", "10.0.0.1/32"]
PROGRAMS = [r"C:\a.exe", r"C:\b.exe"]
PARTLY = st.one_of(st.none(), st.booleans())

RULE = st.fixed_dictionaries(
    {
        "store": st.sampled_from(["local", "policy"]),
        "action": st.sampled_from(["allow"] * 6 + ["block"] * 3 + ["bypass", "ponder"]),
        "active": st.sampled_from([True] * 7 + [False]),
        "direction": st.sampled_from(["in", "in", "in", "out"]),
        "protocol": st.sampled_from([None, 6, 6, 6, 17, 1]),
        "ports": st.lists(st.tuples(st.sampled_from(PORTS), st.integers(0, 2)), max_size=2),
        "profiles": st.one_of(st.just(set()), st.sets(st.sampled_from(PROFILES))),
        "remotes": st.one_of(st.just([]), st.lists(st.sampled_from(SUBNETS), max_size=2)),
        "program": st.sampled_from([None] * 6 + PROGRAMS),
        "strange": st.sampled_from([False] * 7 + [True]),
        "bars": st.booleans(),
    }
)
STATE = st.fixed_dictionaries(
    {
        "store": st.sampled_from(["local", "policy"]),
        "profile": st.sampled_from(["domain", *PROFILES]),
        "enabled": st.sampled_from([None, None, True, False]),
        "inbound": st.sampled_from([None, "allow", "block"]),
        "outbound": st.sampled_from([None, "allow", "block"]),
        "merge": PARTLY,
        "no_exceptions": st.sampled_from([None, None, None, True, False]),
    }
)
QUESTION = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(["in", "in", "out"]),
        "protocol": st.sampled_from(["tcp", "tcp", "udp"]),
        "port": st.sampled_from(PORTS),
        "remote": st.sampled_from(REMOTES),
        "program": st.sampled_from([None, *PROGRAMS]),
        "profile": st.sampled_from(["domain", "domain", *PROFILES, None]),
    }
)


def text_of(rule: dict[str, Any]) -> str:
    """The rule as a registry holds it."""
    side = "LPort" if rule["direction"] == "in" else "RPort"
    parts = [f"Action={rule['action']}", f"Active={str(rule['active']).upper()}", f"Dir={rule['direction']}"]
    if rule["protocol"] is not None:
        parts.append(f"Protocol={rule['protocol']}")
        if rule["protocol"] in (6, 17):
            parts += [f"{side}2_10={a}-{a + n}" if n else f"{side}={a}" for a, n in rule["ports"]]
    parts += [f"Profile={name.capitalize()}" for name in sorted(rule["profiles"])]
    for net in rule["remotes"]:
        network = ipaddress.ip_network(net)
        written = net if network.version == 6 else f"{network.network_address}/{network.netmask}"
        parts.append(f"RA{network.version}={written}")
    parts += [f"App={rule['program']}"] if rule["program"] else []
    parts += ["Novel=1"] if rule["strange"] else []
    return "v2.30|" + "|".join(parts) + ("|" if rule["bars"] else "")


def could_match(rule: dict[str, Any], asked: dict[str, Any], profile: str) -> list[bool]:
    """Every answer that is possible."""
    number = {"tcp": 6, "udp": 17}[asked["protocol"]]
    if not rule["active"] or rule["direction"] != asked["direction"]:
        return [False]
    if rule["protocol"] not in (None, number) or (rule["profiles"] and profile not in rule["profiles"]):
        return [False]
    if rule["protocol"] and rule["ports"] and not any(a <= asked["port"] <= a + n for a, n in rule["ports"]):
        return [False]
    remote = ipaddress.ip_address(asked["remote"])
    nets = [ipaddress.ip_network(net) for net in rule["remotes"]]
    if nets and not any(net.version == remote.version and remote in net for net in nets):
        return [False]
    if rule["program"] and asked["program"] and rule["program"] != asked["program"]:
        return [False]
    sure = not rule["strange"] and not (rule["program"] and asked["program"] is None) and rule["action"] != "bypass"
    return [True] if sure else [True, False]


def in_one_world(actions: list[str], default: str) -> str:
    """What comes out where it is known which rules match, and what each does."""
    for action, outcome in (("bypass", "allow"), ("block", "block"), ("allow", "allow")):
        if action in actions:
            return outcome
    return default


def slow(rules: list[dict[str, Any]], states: list[dict[str, Any]], asked: dict[str, Any]) -> str:
    outcomes = set()
    for profile in [asked["profile"]] if asked["profile"] else PROFILES:
        said: dict[str, Any] = {"enabled": True, "inbound": "block", "outbound": "allow", "no_exceptions": False}
        for store in ("local", "policy"):
            for state in states:
                if (state["store"], state["profile"]) == (store, profile):
                    said.update({k: state[k] for k in said if state[k] is not None})
        merges = [s["merge"] for s in states if (s["store"], s["profile"]) == ("policy", profile)]
        merge = next((m for m in reversed(merges) if m is not None), True)
        if not said["enabled"]:
            outcomes.add("allow")
            continue
        if said["no_exceptions"] and asked["direction"] == "in":
            outcomes.add("block")
            continue
        choices = []
        for rule in rules:
            if rule["store"] == "local" and not merge:
                continue
            kinds = ["allow", "block"] if rule["action"] == "ponder" else [rule["action"]]
            may = could_match(rule, asked, profile)
            choices.append([kind if match else "" for match in may for kind in kinds])
        default = said["inbound" if asked["direction"] == "in" else "outbound"]
        outcomes |= {in_one_world(list(world), default) for world in product(*choices)}
    return outcomes.pop() if len(outcomes) == 1 else "unknown"


@settings(max_examples=1000, deadline=None)
@given(st.lists(RULE, max_size=4), st.lists(STATE, max_size=3), QUESTION)
def test_it_equals_the_plain_evaluation(
    rules: list[dict[str, Any]], states: list[dict[str, Any]], asked: dict[str, Any]
) -> None:
    local = "fd00::2" if ":" in asked["remote"] else "10.0.0.2"
    lines = [{"interface": "e", "profile": asked["profile"], "addresses": [local]}] if asked["profile"] else []
    fact = {
        "kind": "windows",
        "running": True,
        "rules": [{"store": r["store"], "name": f"r{n}", "text": text_of(r)} for n, r in enumerate(rules)],
        "profiles": states,
        "interfaces": lines,
    }
    ports = {"local_port" if asked["direction"] == "in" else "remote_port": asked["port"]}
    flow = Flow(asked["direction"], asked["protocol"], local, remote=asked["remote"], program=asked["program"], **ports)
    assert evaluate(fact, flow).verdict == slow(rules, states, asked)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from("v2.10|=ActionDirLPortRA46App-/:5012*\x00é "), max_size=60)), QUESTION)
def test_no_text_breaks_the_reading(texts: list[str], asked: dict[str, Any]) -> None:
    rules = [
        {"store": "local", "name": "r", "text": head + text} for text in texts for head in ("", "v2.30|Active=TRUE|")
    ]
    fact = {"kind": "windows", "rules": rules, "profiles": [], "interfaces": []}
    flow = Flow(asked["direction"], asked["protocol"], "10.0.0.2", asked["port"], asked["remote"], asked["port"])
    assert evaluate(fact, flow).verdict in ("allow", "block", "unknown")
