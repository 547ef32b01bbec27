"""SSH by the system's own client, so that ssh_config, jump hosts, agents and known_hosts mean what they always do."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from testinfra.backend.base import CommandResult

from preflight.errors import TransportError
from preflight.topology.model import Machine
from preflight.transports import askpass
from preflight.transports.base import AgentProcess, OnEnd, OnLine, PreflightBackend, Secrets
from preflight.transports.capture import capture
from preflight.transports.clean import cleaned
from preflight.transports.local import end_all
from preflight.transports.process import PipeProcess
from preflight.transports.quoting import remote_command
from preflight.transports.ssh_command import Sharing, find_ssh, ssh_arguments
from preflight.transports.ssh_ending import command_error, judge_ssh

# sun_path holds 104 bytes on macOS and the BSDs; ssh binds a name that is 17 longer, then renames it.
MAX_CONTROL_BYTES = 104 - 17 - 1
CONTROL = "c"


class SshBackend(PreflightBackend):
    """One machine over one connection, where the client can share it.

    The first agent's ssh is the master and holds the connection in the foreground: when the controller dies, every
    ssh sees the end of its stdin, the agents see it too, and the master leaves with the last of them. Later agents
    and run() go through it, or make a connection of their own when it is not there. Windows' client shares nothing.
    """

    NAME = "ssh"

    def __init__(self, machine: Machine, secrets: Secrets) -> None:
        super().__init__(machine)
        self._secrets = secrets
        self._ssh = find_ssh()
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._master: PipeProcess | None = None
        self._processes: list[PipeProcess] = []

    @property
    def python(self) -> str:
        """The interpreter that the inventory names."""
        return self.manage.python

    def describe(self) -> str:
        """One phrase for reports; what is not said here comes from ssh_config."""
        manage = self.manage
        address = f"[{manage.address}]" if ":" in manage.address and manage.port else manage.address
        user = f"{manage.user}@" if manage.user else ""
        port = f":{manage.port}" if manage.port else ""
        jump = f" by {manage.jump}" if manage.jump else ""
        return f"ssh {user}{address}{port}{jump}"

    def start(self, argv: Sequence[str], feed: bytes, on_line: OnLine, on_end: OnEnd) -> AgentProcess:
        """Start a remote process; the first one makes the connection."""
        command = remote_command(["sudo", "-n", *argv] if self.manage.sudo else argv)
        with self._lock:
            env = self._environment()
            first = self._master is None or not self._master.alive
            words = [*self._command("master" if first else "shared"), command]
            try:
                process = PipeProcess(words, feed, on_line, on_end, self._judge, env)
            except OSError as error:
                raise self._unstartable(error) from error
            if first:
                self._master = process
                self._processes.insert(0, process)
            else:
                self._processes.append(process)
        return process

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """Run one command as the login user (testinfra's own `host.sudo()` works); no agent, no sudo of ours."""
        text = self.get_command(command, *args)
        with self._lock:
            words, env = [*self._command("shared"), text], self._environment()
        try:
            done = capture(words, env=env, target=self.describe())
        except OSError as error:
            raise self._unstartable(error) from error
        failed = command_error(self.describe(), done.exit_code, cleaned(done.stderr[-4096:]))
        if failed is not None:
            raise failed
        return self.result(done.exit_code, self.encode(text), done.stdout, done.stderr)

    def close(self) -> None:
        """End all agents, then the connection; the private folder goes too."""
        with self._lock:
            processes, self._processes, self._master = self._processes, [], None
            folder, self._folder = self._folder, None
        end_all(processes)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _judge(self, code: int, stderr: str, spoke: bool) -> TransportError:
        return judge_ssh(self.describe(), code, stderr, spoke, sudo=self.manage.sudo, python=self.python)

    def _command(self, sharing: Sharing) -> list[str]:
        control = self._private() / CONTROL if os.name == "posix" else None
        return [self._ssh, *ssh_arguments(self.manage, sharing, control)]

    def _private(self) -> Path:
        if self._folder is None:
            usual = os.fsencode(Path(tempfile.gettempdir(), "pf-12345678", CONTROL))
            short = os.name == "nt" or len(usual) <= MAX_CONTROL_BYTES
            self._folder = Path(tempfile.mkdtemp(prefix="pf-", dir=None if short else "/tmp"))  # noqa: S108 - its mode is 0700
        return self._folder

    def _environment(self) -> dict[str, str] | None:
        """None: as it is. With a password: the child's own environment, which alone holds the secret."""
        if self.manage.password is None:
            return None
        env = dict(os.environ)
        env["SSH_ASKPASS"] = str(self._askpass())
        env["SSH_ASKPASS_REQUIRE"] = "force"  # OpenSSH 8.4; older ones ask so when DISPLAY is set and no terminal is
        env.setdefault("DISPLAY", "none")
        env[askpass.TARGET] = self._asked_as()
        env[askpass.SECRET] = self._secrets(self.manage.password).reveal()
        return env

    def _askpass(self) -> Path:
        """A starter without the secret in it: ssh can only start a file, not a Python module."""
        windows = os.name == "nt"
        path = self._private() / ("askpass.cmd" if windows else "askpass")
        if not path.exists():
            script = askpass.__file__
            text = f'@"{sys.executable}" -I -S "{script}" %1\r\n'
            if not windows:
                text = f'#!/bin/sh\nexec {self.quote("%s -I -S %s", sys.executable, script)} "$1"\n'
            path.write_text(text, encoding="utf-8", newline="")
            path.chmod(stat.S_IRWXU)
        return path

    def _asked_as(self) -> str:
        """user@host as ssh will write them into its question, ssh_config applied; asks ssh, not the network."""
        words = [self._ssh, "-G", *ssh_arguments(self.manage, "own", None)]
        try:
            shown = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._unstartable(error) from error
        told = dict(line.split(" ", 1) for line in shown.stdout.decode("utf-8", "replace").splitlines() if " " in line)
        host = told.get("hostkeyalias", "none")
        return f"{told.get('user', '')}@{told.get('hostname', '') if host == 'none' else host}"

    def _unstartable(self, error: Exception) -> TransportError:
        cause = f"{self._ssh} could not be started for {self.machine.name}: {error}."
        return TransportError("no-ssh", cause, "Look whether ssh works by hand on the controller.")
