"""The suite's ordinary command line against a lab, and what of its answer is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from netlab.lab import NetLab
from truth import truth_oracle

CLONE = Path(__file__).resolve().parents[2]


def run_suite(inventory: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """As an engineer types it; returns what came out and run.json."""
    timeout = [] if any(o.startswith("--replay") for o in options) else ["--probe-timeout=2"]
    command = [sys.executable, "-m", "pytest", "-q", f"--inventory={inventory}", *timeout, *options]
    done = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, timeout=240, check=False)
    runs = sorted((inventory.parent / "reports").glob("2*/run.json"))
    assert runs, done.stdout + done.stderr
    return done, json.loads(runs[-1].read_text("utf-8"))


def flows(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Cases that were asked: those with probes."""
    return [
        c for c in run["cases"] if c["outcome"] not in ("not run",) and c["source"] and (c["probes"] or c["restricted"])
    ]


def wrong_flows(lab: NetLab, asked: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Cases whose outcome is not what nftables and the hosts were told, with both, the reason and what was seen."""
    return {
        c["id"]: (c["outcome"], "must be", due, c["reason"], c["seen"])
        for c in asked
        if c["outcome"] != (due := truth_oracle.due(lab, c))
    }
