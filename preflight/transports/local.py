"""The controller itself as a host: agents and commands are plain child processes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any

from testinfra.backend.base import CommandResult

from preflight.errors import TransportError
from preflight.topology.model import Machine
from preflight.transports.base import AgentProcess, OnEnd, OnLine, PreflightBackend
from preflight.transports.capture import capture
from preflight.transports.ending import judge_agent
from preflight.transports.process import PipeProcess

CLOSE_S = 3.0


class LocalBackend(PreflightBackend):
    """Runs on the controller; the interpreter is the one that runs now, whatever `manage.python` says."""

    NAME = "local"

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        self._processes: list[PipeProcess] = []

    @property
    def python(self) -> str:
        """The interpreter that runs the suite."""
        return sys.executable

    def describe(self) -> str:
        """One phrase for reports."""
        return "local"

    def start(self, argv: Sequence[str], feed: bytes, on_line: OnLine, on_end: OnEnd) -> AgentProcess:
        """Start an agent as a child. Raises TransportError when the program cannot be started."""
        sudo = self.manage.sudo and os.name == "posix" and os.geteuid() != 0
        command = ["sudo", "-n", *argv] if sudo else list(argv)

        def judge(code: int, stderr: str, spoke: bool) -> TransportError:
            return judge_agent(self.machine.name, code, stderr, spoke, sudo=sudo, python=self.python)

        try:
            process = PipeProcess(command, feed, on_line, on_end, judge)
        except OSError as error:
            cause = f"{command[0]} could not be started on the controller: {error.strerror}."
            raise TransportError("other", cause, "Install it, or change `manage` of this host.") from error
        self._processes.append(process)
        return process

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """Run one command in the controller's own shell."""
        text = self.get_command(command, *args)
        done = capture(text, shell=True, target=self.machine.name)  # noqa: S604 - a check that the site wrote itself
        return self.result(done.exit_code, self.encode(text), done.stdout, done.stderr)

    def close(self) -> None:
        """End all agents."""
        end_all(self._processes)
        self._processes.clear()


def end_all(processes: Sequence[PipeProcess]) -> None:
    """End stdin of all, wait CLOSE_S in all, kill what is left; the first of the list is killed last."""
    for process in processes:
        process.close()
    for process in processes:
        process.wait(CLOSE_S / len(processes))
    for process in reversed(processes):
        if process.alive:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait(1.0)
