"""Runs the PowerShell gather agent over stand-ins and takes its events, each checked against the contract."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from preflight.agents.contract import EVENT, MAX_LINE_BYTES, FactEvent
from preflight.agents.contract_facts import FACT_TYPES
from preflight.agents.scripts import AgentName, agent_script, powershell_command, powershell_feed

HERE = Path(__file__).parent
STANDINS = HERE.parent / "standins"
ENGINE = HERE.parents[2] / "shared" / "tools" / "pwsh"
HELLO = b'{"do":"hello","contract":1,"heartbeat_s":null,"life_s":120,"finish":true}'
PATIENCE_S = 90


def powershell() -> str:
    """A PowerShell engine: the one beside the checkout, else one on the PATH; without one the test is skipped."""
    found = str(ENGINE) if os.access(ENGINE, os.X_OK) else shutil.which("pwsh")
    if found is None or not sys.platform.startswith("linux"):
        pytest.skip("no PowerShell beside the checkout and no pwsh on the PATH, or not on Linux")
    return found


def ask(
    *standins: str,
    registry: Path | None = None,
    env: dict[str, str] | None = None,
    wrap: tuple[str, ...] = (),
    folder: Path | None = None,
    agent: AgentName = "gather",
    **request: Any,
) -> list[dict[str, Any]]:
    """The events of one gather but hello, which names the agent; stderr is empty and the exit code 0.

    `folder`: where the agent runs.
    """
    environment = {**os.environ, "PWSH_STANDINS": ":".join(str(STANDINS / f"{name}.ps1") for name in standins)}
    environment |= {"PWSH_REGISTRY": str(registry)} if registry else {}
    line = json.dumps({"do": "gather", "id": "g", "fact_deadline_s": 30, **request}).encode("ascii")
    done = subprocess.run(
        [*wrap, *powershell_command(powershell())],
        input=powershell_feed(agent_script(agent, "powershell"), [HELLO, line]),
        capture_output=True,
        env={**environment, **(env or {})},
        cwd=folder,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b""), done
    events = []
    for text in done.stdout.splitlines():
        assert len(text) < MAX_LINE_BYTES
        assert text.isascii()
        event = EVENT.validate_json(text)
        plain = event.model_dump(mode="json")
        if isinstance(event, FactEvent) and event.status == "ok" and event.name in FACT_TYPES:
            kind = FACT_TYPES[event.name]
            plain["value"] = kind.dump_python(kind.validate_python(event.value), mode="json")
        events.append(plain)
    assert (events[0]["event"], events[0]["agent"]) == ("hello", agent), events[0]
    assert events[-1] == {"event": "done", "id": "g"}, events[-1]
    return events[1:-1]


def facts(*standins: str, **how: Any) -> dict[str, dict[str, Any]]:
    """As ask: name -> the fact's event; nothing but facts was said, each once."""
    events = ask(*standins, **how)
    assert {event["event"] for event in events} <= {"fact"}, events
    found = {event["name"]: event for event in events}
    assert len(found) == len(events)
    return found
