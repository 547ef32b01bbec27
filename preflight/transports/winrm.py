"""WinRM by pywinrm: agents and commands are PowerShell processes in one remote shell a host."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from testinfra.backend.base import CommandResult
from winrm.protocol import Protocol

from preflight.errors import TransportError
from preflight.topology.model import Machine
from preflight.transports.base import AgentProcess, OnEnd, OnLine, PreflightBackend, Revealable, Secrets
from preflight.transports.capture import MAX_OUTPUT_BYTES
from preflight.transports.clean import cleaned, last_lines
from preflight.transports.winrm_clixml import plain_stderr
from preflight.transports.winrm_errors import explained, from_clues
from preflight.transports.winrm_login import described, make_protocol
from preflight.transports.winrm_process import Command, WinRmProcess
from preflight.transports.winrm_run import powershell_line, quoted, run_feed
from preflight.transports.winrm_shell import Shells

MODE_LINE = re.compile(rb"^PREFLIGHT-(?:LANGUAGE-MODE|POWERSHELL) ([\w.]+)", re.MULTILINE)

_ENDS = {
    5: "The host was too slow for what was asked: look what keeps it busy, and run again.",
    7: "What was sent did not arrive whole: run again; if it comes back, report it.",
}


class WinRmBackend(PreflightBackend):
    """One machine. Its shell is opened by the first command and deleted by close(); commands in it run side by side.

    `path` is what stands in the URL behind the port. The password is fetched at the first start(), in the caller's
    thread, since it may be asked for on the terminal.
    """

    NAME = "winrm"
    streaming: ClassVar[bool] = False
    language: Literal["python", "powershell"] = "powershell"
    run_s: float = 300.0  # a command of a site's own check that hangs must not hold the whole run

    def __init__(self, machine: Machine, secrets: Secrets, *, path: str = "wsman") -> None:
        super().__init__(machine)
        self._secrets = secrets
        self._path = path
        self._password: Revealable | None = None
        self._lock = threading.Lock()
        self._shells = Shells(self._protocol, self.manage)
        self._processes: list[WinRmProcess] = []

    @property
    def python(self) -> str:
        """The interpreter of the agents there."""
        return "powershell.exe"

    def describe(self) -> str:
        """One phrase for reports."""
        return described(self.manage)

    def start(self, argv: Sequence[str], feed: bytes, on_line: OnLine, on_end: OnEnd) -> AgentProcess:
        """Start a remote process; nothing of it waits for the network here."""
        self._fetch_password()
        text = subprocess.list2cmdline(argv)
        process = WinRmProcess(self._shells, text, feed, on_line, on_end, self._judge)
        with self._lock:
            self._processes = [p for p in self._processes if p.alive]
            self._processes.append(process)
        return process

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """Run PowerShell text. `%s` in it stands for the further arguments, quoted for PowerShell.

        The exit code: that of `exit N`; else that of the last program that failed; else 1 after an uncaught error or
        when the last command failed; else 0. Four requests: Command, Send, Receive, Signal. Raises TransportError, also
        for a command that is not over within `run_s`.
        """
        text = quoted(command, *args)
        self._fetch_password()
        kept: list[tuple[bytes, bytes]] = []
        size = 0

        def take(out: bytes, err: bytes) -> bool:
            nonlocal size
            size += len(out) + len(err)
            kept.append((out, err))
            return size <= MAX_OUTPUT_BYTES

        remote = Command(self._shells, powershell_line(), run_feed(text), take, self.run_s)
        code = remote.converse()
        remote.clean_up()
        if size > MAX_OUTPUT_BYTES:
            cause = f"A command on {self.machine.name} said more than {MAX_OUTPUT_BYTES:,} bytes and was ended."
            raise TransportError("contract", cause, "Let the command say less.")
        out, err = b"".join(o for o, _ in kept), plain_stderr(b"".join(e for _, e in kept))
        return self.result(code, self.encode(text), out, err)

    def close(self) -> None:
        """Delete the shell, which ends all that runs in it."""
        with self._lock:
            processes, self._processes = self._processes, []
        for process in processes:
            process.close()
        self._shells.close()
        for process in processes:
            process.wait(1.0)

    @staticmethod
    def quote(command: str, *args: str) -> str:
        """testinfra's quoting, for PowerShell."""
        return quoted(command, *args)

    def _fetch_password(self) -> None:
        with self._lock:
            if self._password is None and self.manage.password is not None:
                self._password = self._secrets(self.manage.password)

    def _protocol(self) -> Protocol:
        try:
            return make_protocol(self.manage, self._password, self._path)
        except Exception as error:
            failure = explained(error, self.manage)
        raise failure

    def _judge(self, code: int, stderr: str, noise: bytes, spoke: bool) -> TransportError:
        mode = MODE_LINE.search(noise)
        said = last_lines(stderr) or last_lines(cleaned(noise)) or "nothing"
        found = f"exit: {code}" + ("" if spoke else f"\nsaid: {said}")
        if not spoke:
            error = from_clues(found, self.manage, mode[1].decode() if mode else said)
            if (error.kind in ("language-mode", "old-powershell") and mode) or error.kind == "no-powershell":
                return error
        when = "while it worked" if spoke else "before it said anything"
        cause = f"The agent on {self.describe()} ended {when} with exit code {code}. It said: {said}."
        remedy = "Look at what it said: a policy, an antivirus (event 1116), or somebody who ended it."
        return TransportError("ended", cause, _ENDS.get(code, remedy))
