"""Asks the gather agents reads, in PowerShell over stand-ins or in Python, and takes what they tell by name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from gather_run import PATIENCE_S, facts

from preflight.agents.contract import Gather
from preflight.agents.reads import Read
from preflight.agents.scripts import agent_script, bootstrap_command

Told = dict[str, dict[str, Any]]


def keys_file(folder: Path, keys: dict[str, Any]) -> Path:
    """Recorded keys below HKLM, as the engine takes them."""
    path = folder / "keys.json"
    path.write_text(json.dumps({"HKLM": keys}), encoding="utf-8")
    return path


def told(*reads: Read, standins: tuple[str, ...] = ("windows2019",), **how: Any) -> Told:
    """What the PowerShell agent tells; without the time that it took. `how` goes to gather_run.ask."""
    wanted = [read.model_dump(mode="json") for read in reads]
    seen = facts(*standins, **{"facts": [], **how}, reads=wanted)
    return {name: {key: event[key] for key in ("status", "value", "detail")} for name, event in seen.items()}


def told_by_python(*reads: Read, wrap: tuple[str, ...] = (), **request: Any) -> Told:
    """What the Python agent tells."""
    script = agent_script("gather")
    asked = Gather(id="g", facts=(), reads=reads, **{"fact_deadline_s": 30, **request})
    hello = b'{"do":"hello","contract":1,"finish":true}\n'
    done = subprocess.run(
        [*wrap, *bootstrap_command(sys.executable, script)],
        input=script + hello + asked.model_dump_json().encode() + b"\n",
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b""), done
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["hello", *["fact"] * len(reads), "done"]
    return {
        event["name"]: {"status": event["status"], "value": event.get("value"), "detail": event["detail"]}
        for event in events[1:-1]
    }
