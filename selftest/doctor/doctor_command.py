"""Runs the doctor as a user does, and reads its JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from warm_start import Done, run_module

CLONE = Path(__file__).resolve().parents[2]


def doctor(*options: str, columns: int = 100, **environment: str) -> Done:
    """`python -m pytest --doctor OPTIONS` in the clone."""
    env = {**os.environ, "COLUMNS": str(columns), "PYTHONUTF8": "1", **environment}
    return run_module("pytest", ["--doctor", "--color=no", *options], cwd=CLONE, env=env, timeout=90)


def told(done: Done) -> dict[str, Any]:
    """What `--doctor-json=-` wrote."""
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["exit_code"] == done.returncode
    return found


def host(found: dict[str, Any], name: str) -> dict[str, Any]:
    """One host of it."""
    one: dict[str, Any] = next(h for h in found["hosts"] if h["name"] == name)
    return one


def states(one: dict[str, Any]) -> dict[str, str]:
    """Stage -> state."""
    return {stage: step["state"] for stage, step in one["steps"].items()}


def kinds(one: dict[str, Any]) -> list[tuple[str, str]]:
    """(stage, kind) of its findings."""
    return [(f["stage"], f["kind"]) for f in one["findings"]]
