"""Each line of the design's verdict table, from recorded observations (table.yaml) to the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from preflight.agents.contract_facts import FACT_TYPES
from preflight.topology.model import Features, Machine, Topology
from preflight.values.case import Case, Passive
from preflight.values.observation import (
    Attempt,
    Fact,
    Heard,
    HostObservation,
    ListenerObservation,
    Observations,
    ProbeObservation,
    Socket,
    listener_key,
)
from preflight.values.probe import Probe
from preflight.values.shipped_yaml import load as load_yaml
from preflight.verdict.evidence import Evidence
from preflight.verdict.judge import judge

ROWS: list[dict[str, Any]] = load_yaml(Path(__file__).with_name("table.yaml").read_text("utf-8"))
SOURCE, DESTINATION = "10.0.0.1", "10.0.0.2"


def machine(name: str, address: str) -> Machine:
    return Machine(name, frozenset({"cml"}), address, "main", None, None)


TOPOLOGY = Topology(
    file="inventory.yaml",
    customer="c",
    site_name="s",
    timezone="UTC",
    lab=None,
    features=Features(),
    sites=("main",),
    machines={"src": machine("src", SOURCE), "dst": machine("dst", DESTINATION)},
    networks={},
    ports={},
    snmp_community=None,
)


def case_of(row: dict[str, Any]) -> Case:
    told = dict(row.get("case", {}))
    ports = tuple(told.pop("ports", [5012]))
    protocol, serving = told.pop("protocol", "tcp"), told.pop("serving", "product")
    speak, broadcast = told.pop("speak", None), told.pop("broadcast", False)
    passive = tuple(Passive("dst", p, "src", SOURCE) for p in ports) if told.pop("passive", False) else ()
    asked = "unasked" not in told and "not_applicable" not in told
    probes = tuple(
        Probe("src", "dst", DESTINATION, protocol, p, serving, speak=speak, broadcast=broadcast) for p in ports
    )
    told.setdefault("chosen", ())
    told["chosen"] = tuple(told["chosen"])
    told.setdefault("level", "mandatory")
    told.setdefault("notation", "one" if len(ports) == 1 else "comma")
    return Case(
        id="X01:src>dst",
        row="X01",
        section="other",
        requirement="r",
        remedy="Row remedy.",
        purpose="p",
        protocol=protocol,
        ports=ports,
        source="src",
        destination="dst",
        hosts=frozenset({"src", "dst"}),
        serving=serving,
        probes=probes if asked else (),
        passive=passive,
        **told,
    )


def host_of(name: str, address: str, told: dict[str, Any]) -> HostObservation | None:
    if told.get("unasked"):
        return None
    if "lost" in told:
        return HostObservation(name, False, f"ssh root@{address}", 1.0, "refused", told["lost"], "Then start sshd.")
    listeners = told.get("listeners", [])
    facts = {
        "services": Fact("services", "ok", [{"name": s, "state": "running"} for s in told.get("services", [])]),
        "addresses": Fact("addresses", "ok", [{"interface": "eth0", "address": address, "prefix": 24}]),
        "sockets": Fact("sockets", "ok", [line(s) for s in told.get("sockets", [])]),
    }
    if "firewall" in told:
        shape = FACT_TYPES["firewall"]
        value = shape.dump_python(shape.validate_python(told["firewall"]), mode="json")
        facts["firewall"] = Fact("firewall", "ok", value)
    if listeners is None:
        facts["listeners"] = Fact("listeners", "denied", None, "no rights")
    else:
        lines = [line({"state": "LISTEN", **s}) for s in listeners]
        lines += [line({"port": p, "protocol": "udp", "state": ""}) for p in told.get("udp", [])]
        facts["listeners"] = Fact("listeners", "ok", lines)
    return HostObservation(name, True, f"ssh root@{address}", 1.0, facts=facts)


def line(told: dict[str, Any]) -> dict[str, Any]:
    full = {"protocol": "tcp", "local": "0.0.0.0", "peer": "", "peer_port": 0, "state": "ESTABLISHED"}  # noqa: S104
    full.update({k: v for k, v in told.items() if k != "port"})
    full["local_port"] = told.get("port", 5012)
    return {**dict.fromkeys(("pid", "process", "path", "service")), **full}


def observations_of(row: dict[str, Any], case: Case) -> Observations:
    found = Observations()
    for name, address, told in (("src", SOURCE, row.get("src", {})), ("dst", DESTINATION, row.get("dst", {}))):
        host = host_of(name, address, told)
        if host is not None:
            found.hosts[name] = host
    for probe in case.probes:
        seen = row["seen"].get(probe.port)
        if seen is None:
            continue
        if "listener" in seen:
            found.listeners[listener_key("dst", probe.protocol, probe.port)] = ListenerObservation(
                "dst", probe.protocol, probe.port, DESTINATION, seen["listener"]
            )
        attempts = ()
        if "outcome" in seen:
            code, alone = seen.get("code", ""), seen.get("alone", False)
            received = "".join(str(seen.get("received", "")).split())  # long ones stand on several lines
            attempts = (Attempt(seen["outcome"], 1.0, 5000.0, SOURCE, 40001, code, "", received, alone),)
        table = tuple(Socket(**line({"port": probe.port, **s})) for s in seen.get("table", []))
        heard = (Heard(seen["heard"], 40001, 1.0),) if "heard" in seen else ()
        found.probes[probe.id] = ProbeObservation(
            probe.id,
            seen["way"],
            probe.port,
            attempts,
            heard,
            table,
            "table" in seen,
            seen.get("detail", ""),
            seen.get("listener", ""),
        )
    return found


@pytest.mark.parametrize("row", ROWS, ids=[r["name"] for r in ROWS])
def test_verdict(row: dict[str, Any]) -> None:
    case = case_of(row)
    verdict = judge(case, Evidence(observations_of(row, case)), TOPOLOGY, row.get("phase"))
    expect = dict(row["expect"])
    assert verdict.outcome == expect.pop("outcome"), verdict
    for name, text in expect.items():
        told = getattr(verdict, name)
        assert text in ("; ".join(map(str, told)) if isinstance(told, tuple) else told), verdict


def test_refused_never_passes() -> None:
    """Over all rows: no required case that was refused, dropped or unreachable everywhere passes."""
    for row in ROWS:
        outcomes = {s.get("outcome") for s in row["seen"].values()}
        asked = row.get("case", {})
        if outcomes <= {"refused", "dropped", "unreachable"} and outcomes and not asked.get("restricted"):
            assert row["expect"]["outcome"] != "passed" or asked.get("silence") == "allowed", row["name"]


WINDOWS = {"kind": "windows", "running": True}
NFT_DROPS = {
    "table": "f",
    "name": "i",
    "type": "filter",
    "hook": "input",
    "prio": 0,
    "policy": "drop",
    "family": "inet",
}
POLICIES: list[dict[str, Any]] = [
    {"kind": "none"},
    {"kind": "other"},
    {"kind": "nftables", "ruleset": {"nftables": [{"chain": NFT_DROPS}]}},
    {"kind": "nftables", "ruleset": "nonsense"},
    WINDOWS,
    {**WINDOWS, "rules": [{"store": "local", "name": "r", "text": "v2.30|Action=Allow|Active=TRUE|Dir=In|Name=a|"}]},
    {**WINDOWS, "rules": [{"store": "local", "name": "r", "text": "v2.30|Action=Block|Active=TRUE|Dir=Out|Name=b|"}]},
    {**WINDOWS, "rules": [{"store": "local", "name": "r", "text": "v2.30|Action=Allow|Active=TRUE|Dir=In|Foo=1|"}]},
]


@pytest.mark.parametrize("policy", POLICIES, ids=range(len(POLICIES)))
def test_a_policy_explains_and_never_changes_an_outcome(policy: dict[str, Any]) -> None:
    for row in ROWS:
        plain = {
            **row,
            **{end: {k: v for k, v in row.get(end, {}).items() if k != "firewall"} for end in ("src", "dst")},
        }
        told = {**plain, **{end: {**plain[end], "firewall": policy} for end in ("src", "dst")}}
        judged = []
        for version in (row, plain, told):
            case = case_of(version)
            verdict = judge(case, Evidence(observations_of(version, case)), TOPOLOGY, version.get("phase"))
            judged.append((verdict.outcome, verdict.reason, verdict.seen, verdict.strength))
        assert judged[0] == judged[1] == judged[2], row["name"]
