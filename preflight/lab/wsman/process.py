"""Runs the commands as real processes of this machine, each in a process group of its own (POSIX)."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import IO

from preflight.lab.wsman.executor import OnExit, OnOutput, Running, Stream

CHUNK = 65536
DRAIN_S = 1.0  # for output that a child still holds open after the command itself is over
NOT_FOUND_EXIT = 1  # of cmd.exe, when it is asked for a program that is not there
KILLED_EXIT = 1  # of a process that Windows terminates


def split_command_line(line: str) -> list[str]:
    """A Windows command line as its words: double quotes hold words together, \\" is a quote inside them."""
    words: list[str] = []
    word: str | None = None
    quoted = False
    index = 0
    while index < len(line):
        char = line[index]
        if char == "\\" and line[index + 1 : index + 2] == '"':
            word, index = (word or "") + '"', index + 1
        elif char == '"':
            word, quoted = word or "", not quoted
        elif char in " \t" and not quoted:
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + char
        index += 1
    return words if word is None else [*words, word]


class ProcessExecutor:
    """Starts what `commands` maps a program's name to, with the rest of the command line behind it.

    `powershell.exe` and `powershell` are the same name, in any case. For a name that is not there, the command fails
    as cmd.exe's would. `environment` is added to this process's own.
    """

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        environment: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        self._commands = {_bare(name): tuple(argv) for name, argv in commands.items()}
        self._environment = {**os.environ, **(environment or {})}
        self._cwd = cwd

    def start(
        self, command: str, arguments: Sequence[str], user: str, path: str, on_output: OnOutput, on_exit: OnExit
    ) -> Running:
        """Start a process. Raises OSError."""
        del user, path  # every machine of this endpoint is this one
        words = split_command_line(" ".join([command, *arguments]))
        known = self._commands.get(_bare(words[0])) if words else None
        if known is None:
            name = words[0] if words else ""
            on_output("stderr", f"'{name}' is not recognized as a command here.\r\n".encode())
            on_exit(NOT_FOUND_EXIT)
            return _Nothing()
        process = subprocess.Popen(
            [*known, *words[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
            cwd=self._cwd,
            start_new_session=True,
        )
        return _Process(process, on_output, on_exit)


def _bare(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].lower().removesuffix(".exe")


class _Nothing:
    """A command that was over before it began."""

    def write(self, data: bytes) -> None:
        """Nobody reads it."""

    def end_input(self) -> None:
        """Nobody waits for it."""

    def kill(self) -> None:
        """Nothing to end."""


class _Process:
    def __init__(self, process: subprocess.Popen[bytes], on_output: OnOutput, on_exit: OnExit) -> None:
        self._process = process
        self._on_output = on_output
        self._on_exit = on_exit
        self._input: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reaping = threading.Lock()
        self._reaped = False
        self._readers = [
            threading.Thread(target=self._read, args=(name, pipe), daemon=True)
            for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr))
        ]
        for thread in (
            *self._readers,
            threading.Thread(target=self._feed, daemon=True),
            threading.Thread(target=self._wait, daemon=True),
        ):
            thread.start()

    def write(self, data: bytes) -> None:
        self._input.put(data)

    def end_input(self) -> None:
        self._input.put(None)

    def kill(self) -> None:
        with self._reaping:
            if not self._reaped:  # until then its number, which is the group's, is nobody else's
                _end_group(self._process)

    def _read(self, name: Stream, pipe: IO[bytes]) -> None:
        with pipe:
            while data := os.read(pipe.fileno(), CHUNK):
                self._on_output(name, data)

    def _feed(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            with pipe:
                while (data := self._input.get()) is not None:
                    pipe.write(data)
                    pipe.flush()
        except OSError:
            pass  # it does not read any more

    def _wait(self) -> None:
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        else:
            self._process.wait()
        for reader in self._readers:
            reader.join(DRAIN_S)
        with self._reaping:
            _end_group(self._process)  # a job of Windows ends with what is left in it
            code = self._process.wait()
            self._reaped = True
        for reader in self._readers:
            reader.join(DRAIN_S)  # not for ever: a child may have left the group
        self._input.put(None)
        self._on_exit(code if code >= 0 else KILLED_EXIT)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        pass
