"""Runs the doctor as a user does, and reads its JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

CLONE = Path(__file__).resolve().parents[2]
Done = subprocess.CompletedProcess[str]


def doctor(*options: str, columns: int = 100, **environment: str) -> Done:
    """`python -m pytest --doctor OPTIONS` in the clone."""
    env = {**os.environ, "COLUMNS": str(columns), "PYTHONUTF8": "1", **environment}
    command = [sys.executable, "-m", "pytest", "--doctor", "--color=no", *options]
    return subprocess.run(command, cwd=CLONE, env=env, capture_output=True, encoding="utf-8", timeout=90, check=False)


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
