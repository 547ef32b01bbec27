"""Sites out of thin air: an inventory through the real loader and the real plan, then firewalls that shut some ways."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from generated import counted, head, ruling

from preflight.catalogue.loader import load_catalogue
from preflight.catalogue.model import Catalogue
from preflight.plan.build import build_plan
from preflight.run.build import build_run, host_result
from preflight.run.model import Run
from preflight.run.model_site import NetworkResult, RowResult
from preflight.topology.loader import load_inventory
from preflight.topology.model import Topology
from preflight.values.case import Case
from preflight.values.outcome import Door, Outcome, ShutPort, Verdict

NETWORKS = {
    "hq": "10.1.1",
    "dmz": "10.1.2",
    "mfps": "10.2.0",
    "users": "10.3.0",
    "branch": "10.4.0",
    # Inside others, as real sites have them: a machine is told to be in the narrowest.
    "till": "10.3.0",
    "room": "10.2.0",
}
NESTED = {"till": "10.3.0.128/25", "room": "10.2.0.192/26"}
FIRST = {"till": 129, "room": 193}
DOORS: tuple[tuple[Door, ...], ...] = (("network",), ("destination",), ("source",), ("unknown",), ("source", "network"))


@dataclass(frozen=True, slots=True)
class Site:
    """A generated site: what was planned, and the run that came out."""

    plan: list[Case]
    run: Run


def site_of(seed: int, folder: Path) -> Site:
    """The site of that number; the same number gives the same site."""
    dice = random.Random(seed)  # noqa: S311
    topology = _topology(dice, folder)
    plan = build_plan(shipped(), topology)
    return Site(plan, _run(dice, topology, plan))


def topology_of(seed: int, folder: Path) -> Topology:
    """The inventory of the site of that number."""
    return _topology(random.Random(seed), folder)  # noqa: S311


def _topology(dice: random.Random, folder: Path) -> Topology:
    file = folder / "inventory.yaml"
    file.write_text(json.dumps(_inventory(dice)), "utf-8")  # JSON is YAML, too
    return load_inventory(file)


@cache
def shipped() -> Catalogue:
    """The catalogue."""
    return load_catalogue()


def _inventory(dice: random.Random) -> dict[str, Any]:
    hosts: dict[str, dict[str, Any]] = {}
    last: dict[str, int] = dict.fromkeys(NETWORKS, 10) | FIRST

    def address(network: str) -> str:
        last[network] += dice.choice((1, 1, 2))
        return f"{NETWORKS[network]}.{last[network]}"

    def add(name: str, roles: list[str], *networks: str, **more: Any) -> None:
        hosts[name] = {"roles": roles, "address": address(dice.choice(networks)), **more}

    nested = [name for name in NESTED if dice.random() < 0.5]
    number = dice.randint(1, 3)
    for place in range(number):
        add(f"cml{place}", ["cml", *dice.choice(([], ["ts"]))], "hq", "dmz")
    spoolers = [f"ors{place}" for place in range(dice.randint(0, 3))]
    for name in spoolers:
        add(name, ["ors"], "branch", "dmz")
    add("crs", ["crs"], "hq")
    add("sql", ["db"], "hq", "dmz", *nested, **dice.choice(({}, {"manage": "none"})))
    for place in range(dice.randint(1, 3)):
        add(f"ws{place}", ["workstation"], "users", "branch", *nested)
    add("van", ["vantage"], "mfps")
    servers = [name for name in hosts if name.startswith(("cml", "ors"))]
    printers = []
    for place in range(dice.randint(0, 6)):
        printer: dict[str, Any] = {
            "name": f"mfp{place}",
            "address": address(dice.choice(("mfps", "mfps", "branch", *nested))),
        }
        vendor = dice.choice(("ricoh", "ricoh", "xerox", "hp"))
        printer |= {"vendor": vendor, "terminal": vendor}
        if dice.random() < 0.4:  # else all of them, which is what an inventory leaves unsaid
            printer["servers"] = sorted(dice.sample(servers, dice.randint(1, len(servers))))
        printers.append(printer)
    features: dict[str, Any] = {
        "cluster": number > 1,
        "ors": bool(spoolers),
        "central_reporting": True,
        "encryption": dice.random() < 0.5,
        "etcd": dice.random() < 0.5,
        "workstation_client": {"protocol_level": 3, "ssl_proxy": True},
        "scan": {
            "smtp": True,
            "ftp": {"mode": "passive", "passive_ports": dice.choice(("50000-50005", "50000-50100"))},
        },
        "load_balancing": dice.random() < 0.5,
        "database": {"kind": "mssql", "instance": "SAFEQ"},
    }
    if len(spoolers) > 1:
        features["near_roaming"] = [{"name": "branch", "members": spoolers, "size": len(spoolers)}]
    return {
        "customer": "Generated",
        "site": "Generated",
        "manage": {"by": "ssh", "user": "root"},
        "features": features,
        # Of a slash row a site may say which of its ports it uses.
        "ports": dice.choice(({}, {"W01": 443}, {"W01": 80, "P03": 443, "S09": 5012})),
        "networks": {
            name: {"cidr": NESTED.get(name, f"{start}.0/24")} | ({"vantage": "van"} if name == "mfps" else {})
            for name, start in NETWORKS.items()
            if name in nested or name not in NESTED
        },
        "hosts": hosts,
        "printers": printers,
    }


def _run(dice: random.Random, topology: Topology, plan: list[Case]) -> Run:
    network = {m.name: m.network or "" for m in topology.machines.values()}
    # Firewalls shut by networks and port, as most do, or by machine, as hosts' own do; here and there at random.
    zones = [(a, b) for a in NETWORKS for b in NETWORKS if dice.random() < 0.3]
    hosts = {name for name in topology.machines if dice.random() < 0.1}
    every, odd = dice.choice((2, 3, 5)), dice.random() * 0.2
    judged: list[tuple[Case, Verdict | None]] = []
    waived: dict[str, str] = {}
    for case in plan:
        doors = dice.choice(DOORS)
        shut = []
        asked = case.probes[-1:] if case.row_names_instance else case.probes
        for probe in asked if not case.restricted and case.source != case.destination else ():
            port = probe.port or 51000
            closed = (network[case.source or ""], network[probe.destination]) in zones and port % every == 0
            if closed or probe.destination in hosts or dice.random() < odd:
                shut.append(ShutPort(probe.protocol, port, probe.address, doors))
        if case.notation == "slash" and case.chosen:
            shut = [s for s in shut if s.port in case.chosen]
        judged.append((case, _verdict(dice, case, shut)))
        if dice.random() < 0.03:
            waived[case.id] = "W1"
    rows = shipped().rows
    return build_run(
        head(),
        judged,
        hosts=[
            host_result(
                m.name,
                roles=m.roles,
                address=m.address,
                site=m.site,
                network=m.network,
                managed_by=m.manage.by if m.manage else None,
                seen=None,
            )
            for m in topology.machines.values()
        ],
        row_ids=[row.id for row in rows],
        networks=[
            NetworkResult(name=n.name, cidr=n.cidr, site=None, vantage=n.vantage) for n in topology.networks.values()
        ],
        rows=list(_rows()),
        rulings=counted([ruling("W1", "waiver")], judged, waived),
        laid_over=waived,
    )


def _verdict(dice: random.Random, case: Case, shut: list[ShutPort]) -> Verdict | None:
    asked = tuple(probe.id for probe in case.probes)
    if case.not_applicable or case.not_built:
        return Verdict(Outcome.NOT_APPLICABLE, case.not_applicable or "") if case.not_applicable else None
    if shut:
        return Verdict(Outcome.FAILED, "shut", stand_in=case.stand_in, probes=asked, shut=tuple(shut))
    if case.unasked:
        return Verdict(Outcome.UNVERIFIED, case.unasked)
    if dice.random() < 0.05:
        return Verdict(Outcome.FAILED, "dead service", stand_in=case.stand_in, probes=asked)
    return Verdict(Outcome.PASSED, "open", stand_in=case.stand_in, probes=asked)


def _rows() -> Iterator[RowResult]:
    for row in shipped().rows:
        yield RowResult(
            id=row.id,
            section=row.section,
            kind=row.kind,
            level="",
            requirement=row.requirement,
            purpose="",
            when="",
            protocol=None,
            ports="",
            source="",
            destination="",
            note="",
        )
