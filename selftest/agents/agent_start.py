"""How the tests start the Python agents: by the same bootstrap as on a host."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import Any

from runner import AgentProcess

from preflight.agents.scripts import AgentName, agent_script, bootstrap_command


def pythons() -> list[str]:
    """This interpreter, and the oldest that the contract allows for where one is on the PATH."""
    # A version manager's stand-in is on the PATH for interpreters that are not switched on: so try it.
    old = next((found for minor in (6, 7, 8, 9) if (found := shutil.which(f"python3.{minor}")) and _runs(found)), None)
    return [sys.executable, *([old] if old else [])]


def _runs(python: str) -> bool:
    done = subprocess.run([python, "-c", "pass"], capture_output=True, check=False)
    return done.returncode == 0


def start(name: AgentName, python: str = sys.executable, script: bytes = b"", **popen: Any) -> AgentProcess:
    """An agent that waits for its hello."""
    script = script or agent_script(name)
    return AgentProcess(bootstrap_command(python, script), script, **popen)


def greet(agent: AgentProcess, **more: Any) -> AgentProcess:
    """Says hello and takes the answer."""
    agent.say(do="hello", contract=1, **{"life_s": 60, **more})
    assert agent.next()["event"] == "hello"
    return agent
