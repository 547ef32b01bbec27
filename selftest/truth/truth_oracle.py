"""What must come out, told from what nftables and the hosts were told: knows neither observations nor verdict code."""

from __future__ import annotations

from typing import Any

from netlab.lab import NetLab
from netlab.spec import LabHost

ALLOWED_SILENCE = {"W07", "W08", "W11", "W12", "W13", "W14", "W15"}
AFTER_ONLY = {f"W{n:02}" for n in range(7, 16)} | {"I05", "I15"}
Case = dict[str, Any]


def due(lab: NetLab, case: Case) -> str:
    """The outcome that a case of run.json must have."""
    asker = case["stand_in"] or case["source"]
    destination = lab.spec.host(case["destination"])
    if case["row"] == "P05":  # a broadcast inside one subnet, which no rule of ours touches
        return "passed"
    if case["restricted"]:
        return _restricted(lab, case, asker, destination)
    if case["row"] == "O15":
        browser = lab.expected(asker, "sql1", "udp", 1434)
        return _existing(lab, asker, destination, "tcp", 51433) if browser == "open" else "unverified"
    ports = {p: _port(lab, case, asker, destination, p) for p in case["ports"]}
    told = set(ports.values())
    if case["notation"] == "slash" and "passed" in told and len(told) > 1:
        return "unverified"
    for outcome in ("failed", "unverified", "advisory"):
        if outcome in told:
            return outcome
    return "passed"


def _port(lab: NetLab, case: Case, asker: str, there: LabHost, port: int) -> str:
    protocol, row = case["protocol"], case["row"]
    if row == "S08" and holder(there, "tcp", 389) and not product(there, "tcp", 389):
        port = 390
    existing = not case["destination"].startswith(("cml", "ors")) and row not in ("W11", "W13", "I04")
    if existing or row == "S13":  # 139 is the platform's own: there before the product, or not at all
        return _existing(lab, asker, there, protocol, port)
    if row == "S15" and there.installed and not holder(there, protocol, port):
        return "unverified"  # data ports of FTP: even a healthy server opens them for a transfer only
    told = _product(lab, asker, there, protocol, port)
    if told == "failed" and case["level"] == "recommended":
        silent = there.installed and not holder(there, protocol, port)
        return "passed" if silent and row in ALLOWED_SILENCE else "advisory"
    return told


def _product(lab: NetLab, asker: str, there: LabHost, protocol: str, port: int) -> str:
    way = lab.expected(asker, there.name, protocol, port)
    if not there.installed:
        if holder(there, protocol, port):
            return "failed"
        if protocol == "udp":
            return {"open": "passed", "drop": "unverified"}.get(way, "failed")
        return "passed" if way == "open" else "failed"
    if not holder(there, protocol, port):
        return "failed"  # dead, whatever the wire says
    if asker != there.name and _bound_to_loopback(there, port):
        return "failed"
    if protocol == "udp":
        return {"open": "passed", "drop": "unverified"}.get(way, "failed")
    if way == "open":
        return "passed" if product(there, protocol, port) else "failed"
    return "unverified" if way == "proxy" else "failed"


def _existing(lab: NetLab, asker: str, there: LabHost, protocol: str, port: int) -> str:
    way = lab.expected(asker, there.name, protocol, port)
    if way == "open":
        return "passed" if holder(there, protocol, port) else "failed"
    if way == "proxy":
        # Accepted is the table's word; a destination that can be asked, and listens to nobody, tells better.
        return "failed" if there.managed and not holder(there, protocol, port) else "passed"
    return "unverified" if protocol == "udp" and way == "drop" else "failed"


def _restricted(lab: NetLab, case: Case, asker: str, there: LabHost) -> str:
    if case["row"] in AFTER_ONLY and not there.installed:
        return "not applicable"
    for port in case["ports"]:
        open_way = lab.expected(asker, there.name, "tcp", port) == "open"
        listens = holder(there, "tcp", port) and not _bound_to_loopback(there, port)
        if lab.expected(asker, there.name, "tcp", port) == "proxy" and there.installed and listens:
            return "unverified"
        if open_way and (listens or not there.installed):
            return "advisory"
    return "passed"


def holder(host: LabHost, protocol: str, port: int) -> str | None:
    """Name of the running service that holds a port."""
    for service in host.services:
        if service.running and (protocol, port) in service.ports:
            return service.name
    return None


def product(host: LabHost, protocol: str, port: int) -> bool:
    """Is the holder the product?"""
    return (holder(host, protocol, port) or "").startswith("YSoft")


def _bound_to_loopback(host: LabHost, port: int) -> bool:
    return any(s.bind == "127.0.0.1" and ("tcp", port) in s.ports for s in host.services)
