"""Shells and the commands in them: ids, quotas, and the end of what idles."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from preflight.lab.wsman import replies
from preflight.lab.wsman.commands import Command
from preflight.lab.wsman.executor import Executor
from preflight.lab.wsman.stats import Stats


class Shell:
    """An open shell. Its commands run side by side."""

    def __init__(self, user: str, path: str, idle_timeout_s: float) -> None:
        self.id = str(uuid.uuid4()).upper()
        self.user = user
        self.path = path
        self.idle_timeout_s = idle_timeout_s
        self.commands: dict[str, Command] = {}
        self.in_use = 0
        self.used_at = time.monotonic()

    @property
    def dies_at(self) -> float:
        """When it will have idled out, should nobody come."""
        return float("inf") if self.in_use else self.used_at + self.idle_timeout_s


class ShellStore:
    """All shells of an endpoint. Thread-safe; one thread ends those that idle too long."""

    def __init__(self, executor: Executor, stats: Stats, max_shells: int, max_processes: int) -> None:
        self._executor = executor
        self._stats = stats
        self._max_shells = max_shells
        self._max_processes = max_processes
        self._shells: dict[str, Shell] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._reaper = threading.Thread(target=self._reap, name="wsman-reaper", daemon=True)
        self._reaper.start()

    def create(self, user: str, path: str, idle_timeout_s: float) -> Shell:
        """A new shell. Raises SoapError when the user has too many on this path."""
        shell = Shell(user, path, idle_timeout_s)
        with self._changed:
            theirs = sum(s.user == user and s.path == path for s in self._shells.values())
            if theirs >= self._max_shells or self._closed:
                raise replies.too_many_shells(self._max_shells)
            self._shells[shell.id] = shell
            self._stats.add("shells_open", path)
            self._stats.add("shells_ever", path)
            self._changed.notify_all()
        return shell

    @contextmanager
    def using(self, shell_id: str, user: str, path: str) -> Iterator[Shell]:
        """A shell, kept from idling meanwhile. Raises SoapError when there is none, or it is someone else's."""
        with self._changed:
            shell = self._shells.get(shell_id.upper())
            if shell is None or shell.path != path:
                raise replies.shell_not_found(shell_id)
            if shell.user != user:
                raise replies.access_denied()
            shell.in_use += 1
        try:
            yield shell
        finally:
            with self._changed:
                shell.in_use -= 1
                shell.used_at = time.monotonic()
                self._changed.notify_all()

    def start(self, shell: Shell, command: str, arguments: tuple[str, ...]) -> Command:
        """Start a command in a shell. Raises SoapError: quota, not startable."""

        def ended() -> None:
            self._stats.add("commands_running", shell.path, -1)

        begun = Command(ended)
        with self._changed:
            if sum(not c.is_over for c in shell.commands.values()) >= self._max_processes:
                raise replies.too_many_processes(self._max_processes)
            shell.commands[begun.id] = begun
            self._stats.add("commands_running", shell.path)
            self._stats.add("commands_ever", shell.path)
        try:
            begun.running = self._executor.start(
                command, arguments, shell.user, shell.path, begun.on_output, begun.on_exit
            )
        except OSError as error:
            with self._changed:
                shell.commands.pop(begun.id, None)
            begun.on_exit(1)
            raise replies.not_started(str(error)) from None
        with self._changed:
            lost = shell.id not in self._shells
        if lost:  # deleted while it started
            begun.abandon()
            raise replies.aborted()
        return begun

    def command(self, shell: Shell, command_id: str) -> Command:
        """A command of a shell. Raises SoapError."""
        with self._changed:
            found = shell.commands.get(command_id.upper())
        if found is None:
            raise replies.command_not_found(command_id)
        return found

    def forget(self, shell: Shell, command: Command) -> None:
        """Terminate a command."""
        with self._changed:
            shell.commands.pop(command.id, None)
        command.abandon()

    def delete(self, shell: Shell) -> None:
        """Delete a shell and end its commands."""
        with self._changed:
            if self._shells.pop(shell.id, None) is None:
                return
            commands = list(shell.commands.values())
            self._stats.add("shells_open", shell.path, -1)
        for command in commands:
            command.abandon()

    def close(self) -> None:
        """Delete all shells; no more can be created."""
        with self._changed:
            self._closed = True
            shells = list(self._shells.values())
            self._changed.notify_all()
        for shell in shells:
            self.delete(shell)
        self._reaper.join(5)

    def _reap(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                now = time.monotonic()
                dead = [shell for shell in self._shells.values() if shell.dies_at <= now]
                if not dead:
                    soonest = min((shell.dies_at for shell in self._shells.values()), default=float("inf"))
                    self._changed.wait(None if soonest == float("inf") else soonest - now)
            for shell in dead:
                self.delete(shell)
