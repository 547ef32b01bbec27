"""Small remote scripts in the agents' place, for cases that a good agent never makes."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass, field

from preflight.topology.model import Machine, SecretRef
from preflight.transports.base import AgentProcess, EndOfAgent, PreflightBackend

Open = Callable[[Machine], PreflightBackend]
PASSWORD = "hunter2-Příliš"  # noqa: S105 - only ever the password of a test's own sshd


class Shown:
    """A secret as the engine hands it over."""

    def reveal(self) -> str:
        """The secret."""
        return PASSWORD


def secrets(_: SecretRef) -> Shown:
    """Every reference is the same password here."""
    return Shown()


# Reads itself by length from stdin, as the real agents' starter does; only double quotes are needed.
START = "import sys;exec(sys.stdin.buffer.read({}))"

ECHO = rb"""
import os, sys
sys.stdout.write("pid %d\n" % os.getpid())
sys.stdout.flush()
for line in sys.stdin.buffer:
    sys.stdout.buffer.write(b"got " + line)
    sys.stdout.buffer.flush()
"""

HELLO = rb"""
import os, sys, json
def say(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
hello = dict(event="hello", contract=1, agent="gather", language="python", pid=os.getpid(), user="u", elevated=False)
"""


@dataclass
class Watched:
    """A started process and all that came from it."""

    process: AgentProcess
    lines: queue.Queue[bytes] = field(default_factory=queue.Queue)
    ends: queue.Queue[EndOfAgent] = field(default_factory=queue.Queue)

    def line(self) -> str:
        """The next line; queue.Empty when none comes."""
        return self.lines.get(timeout=20).decode()

    def end(self) -> EndOfAgent:
        """How it ended; queue.Empty when it does not."""
        return self.ends.get(timeout=30)


def starter(python: str, script: bytes) -> list[str]:
    """The command that makes a Python read that script from stdin and run it."""
    return [python, "-c", START.format(len(script))]


def watch(backend: PreflightBackend, script: bytes = ECHO, python: str | None = None) -> Watched:
    """Start a script through a backend."""
    lines: queue.Queue[bytes] = queue.Queue()
    ends: queue.Queue[EndOfAgent] = queue.Queue()
    process = backend.start(starter(python or backend.python, script), script, lines.put, ends.put)
    return Watched(process, lines, ends)
