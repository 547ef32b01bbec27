"""The diagnosis as plain values for JSON: the same content as the terminal's, host by host."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from preflight.doctor.model import Diagnosis, Examination, Finding

VERSION = 1


def document(diagnosis: Diagnosis, *, site: str, inventory: str, scenario: str | None, at: datetime) -> dict[str, Any]:
    """Everything that was found. `scenario` is set in the lab only: then nothing of it is real."""
    return {
        "doctor": VERSION,
        "site": site,
        "inventory": inventory,
        "lab_scenario": scenario,
        "at": at.isoformat(timespec="seconds"),
        "took_s": round(diagnosis.took_s, 3),
        "exit_code": diagnosis.exit_code,
        "blocked": {
            "cases": len(diagnosis.blocked_cases),
            "of": diagnosis.cases,
            "rows": list(diagnosis.blocked_rows),
        },
        "hosts": [_host(host) for host in diagnosis.hosts],
        "devices_without_agent": diagnosis.devices,
        "notes": list(diagnosis.notes),
    }


def _host(host: Examination) -> dict[str, Any]:
    if not host.managed:
        return {"name": host.host, "address": host.address, "state": "no agent: asked from others"}
    return {
        "name": host.host,
        "address": host.address,
        "asked_by": host.way,
        "state": host.state,
        "system": host.system,
        "product_installed": host.installed,
        "skew_s": host.skew_s,
        "skew_error_s": host.skew_error_s,
        "took_s": host.took_s,
        "steps": {s.stage: {"state": s.state, "word": s.word, "seen": s.seen} for s in host.steps},
        "findings": [_finding(finding) for finding in host.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "stage": finding.stage,
        "kind": finding.kind,
        "blocks": finding.blocks,
        "asked": finding.asked,
        "seen": finding.seen,
        "do": finding.remedy,
        "type": [{"where": typed.where, "line": typed.line} for typed in finding.typed],
        "blocked": [{"by": b.effect, "cases": len(b.cases), "rows": list(b.rows)} for b in finding.blocked],
    }
