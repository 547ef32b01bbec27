"""Runs what reaches a lab machine over WinRM: an agent script that is known by its hash, or a command of `host.run`.

A script that is none of the suite's agents is an error with its hash in it, so that lab and agents cannot drift apart.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Sequence
from functools import cache
from itertools import count

from preflight.agents.scripts import POWERSHELL_PARTS, REQUESTS_MARK, RESTRICTED_EXIT, AgentName, agent_script
from preflight.lab.agent import LabAgent
from preflight.lab.state import LabNetwork
from preflight.lab.wsman.executor import OnExit, OnOutput

UNKNOWN_SCRIPT_EXIT = 9
_FLUSH_S = 0.25  # as the real agents: every burst of output is a request of the controller's
_AT_ONCE = ('"event":"ready"', '"event":"closed"')
_PIDS = count(30000)


@cache
def known_scripts() -> dict[str, AgentName]:
    """SHA-256 of each PowerShell agent's text, without the line end at its end."""
    texts = {name: agent_script(name, "powershell").rstrip(b"\n") for name in POWERSHELL_PARTS}
    return {hashlib.sha256(text).hexdigest(): name for name, text in texts.items()}


class LabCommand:
    """One command on one lab machine, run in a thread of its own once its stdin has ended."""

    def __init__(self, machine: str, lab: LabNetwork, on_output: OnOutput, on_exit: OnExit) -> None:
        self._machine = machine
        self._lab = lab
        self._on_output = on_output
        self._on_exit = on_exit
        self._input = bytearray()
        self._lines: list[str] = []
        self._lock = threading.Lock()
        self._killed = threading.Event()
        self._begun = False

    def write(self, data: bytes) -> None:
        """More stdin."""
        self._input += data

    def end_input(self) -> None:
        """All is there: run."""
        self._begin()

    def kill(self) -> None:
        """End it."""
        self._killed.set()
        self._begin()

    def _begin(self) -> None:
        with self._lock:
            begun, self._begun = self._begun, True
        if not begun:
            threading.Thread(target=self._live, name=f"lab-{self._machine}", daemon=True).start()

    def _live(self) -> None:
        code = 1
        try:
            code = self._run()
        finally:
            self._flush()
            self._on_exit(code)

    def _run(self) -> int:
        if self._killed.is_set():
            return 1
        mode = self._lab.world.places[self._machine].language_mode
        if mode != "FullLanguage":
            self._on_output("stdout", f"PREFLIGHT-LANGUAGE-MODE {mode}\r\n".encode())
            return RESTRICTED_EXIT
        script, _, requests = bytes(self._input).replace(b"\r\n", b"\n").partition(b"\n" + REQUESTS_MARK + b"\n")
        digest = hashlib.sha256(script.rstrip(b"\n")).hexdigest()
        name = known_scripts().get(digest)
        if name is not None:
            return self._agent(name, requests.decode("utf-8", "replace").splitlines())
        if requests.strip():
            text = f"The lab on {self._machine} knows no agent with the hash {digest}: lab and agents differ."
            self._on_output("stderr", text.encode() + b"\r\n")
            return UNKNOWN_SCRIPT_EXIT
        return self._command(script.decode("utf-8", "replace"))

    def _command(self, script: str) -> int:
        wanted = script.strip().splitlines()[-1].strip() if script.strip() else ""
        if wanted == "hostname":
            self._on_output("stdout", f"{self._machine}\r\n".encode())
            return 0
        if wanted in ("$true", "true", ""):
            return 0
        text = f"the lab runs no commands, so {wanted!r} was not run: test this on a real inventory"
        self._on_output("stderr", text.encode() + b"\r\n")
        return 127

    def _agent(self, name: AgentName, requests: list[str]) -> int:
        agent = LabAgent(name, self._machine, self._lab, next(_PIDS), self._say)
        try:
            for line in requests:
                agent.take(line)
            until = time.monotonic() + longest_hold(requests)
            while not self._killed.is_set() and (agent.due() is not None or time.monotonic() < until):
                self._flush()
                self._killed.wait(_FLUSH_S)
                agent.tick()
        finally:
            agent.end()
        return 0

    def _say(self, line: str) -> None:
        with self._lock:
            self._lines.append(line)
        if any(word in line for word in _AT_ONCE):
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        if lines:
            self._on_output("stdout", "".join(f"{line}\r\n" for line in lines).encode())


class LabExecutor:
    """The machines of one running lab, by the path of their URL."""

    def __init__(self, lab: LabNetwork) -> None:
        self._lab = lab

    def start(
        self,
        command: str,
        arguments: Sequence[str],
        user: str,
        path: str,
        on_output: OnOutput,
        on_exit: OnExit,
    ) -> LabCommand:
        """Start a command on the machine that `path` names. Raises OSError for a machine or program not there."""
        del arguments, user
        if path not in self._lab.world.places:
            raise OSError(f"the lab has no machine {path!r}")
        if "powershell" not in command.lower():
            raise OSError(f"the lab has no program {command.split()[0] if command else ''!r}")
        return LabCommand(path, self._lab, on_output, on_exit)


def longest_hold(requests: list[str]) -> float:
    """Seconds that the last held connection of some request lines may stand."""
    holds = [0.0]
    for line in requests:
        try:
            request = json.loads(line)
        except ValueError:
            continue
        if isinstance(request, dict) and request.get("do") == "exchange":
            holds += [float(probe.get("hold_s") or 0.0) for probe in request.get("probes", [])]
    return max(holds)
