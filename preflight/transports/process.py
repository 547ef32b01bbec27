"""A child process with piped lines: one thread reads, one drains stderr, one writes, so that no caller ever blocks."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from preflight.errors import TransportError
from preflight.transports.base import EndOfAgent, OnEnd, OnLine
from preflight.transports.clean import cleaned

MAX_LINE_BYTES = 4 * 1024 * 1024  # as in agents.contract, which transports may not import
MAX_TOTAL_BYTES = 256 * 1024 * 1024  # of one process: a host that floods must not fill the controller's memory
STDERR_BYTES = 4096
GRACE_S = 5.0  # between the end of stdout and a kill

Judge = Callable[[int, str, bool], TransportError | None]


def own_group() -> dict[str, Any]:
    """Popen arguments that keep Ctrl-C and the terminal away from children: they end by their stdin."""
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]
    return {"start_new_session": True}


class PipeProcess:
    """An AgentProcess over a local child (ssh, or the agent itself).

    `judge(exit code, stderr, spoke)` names the error of an end that nobody asked for; `spoke`: a line had come before.
    Raises OSError when the program cannot be started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        feed: bytes,
        on_line: OnLine,
        on_end: OnEnd,
        judge: Judge,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._on_line, self._on_end, self._judge = on_line, on_end, judge
        self._out: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._tail = b""
        self._asked = False
        self._dead = False
        self._fault: TransportError | None = None
        self._finished = threading.Event()
        pipe = subprocess.PIPE
        self._popen = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, env=env, **own_group())
        self._out.put(feed)
        self._stderr = self._thread(self._drain, "stderr")
        self._thread(self._write, "write")
        self._reader = self._thread(self._read, "read")

    @property
    def alive(self) -> bool:
        """True until the end has been told."""
        return not self._finished.is_set()

    def send(self, line: bytes) -> None:
        """Queue one line."""
        if not self._dead:
            self._out.put(line + b"\n")

    def close(self) -> None:
        """End stdin after what is queued."""
        self._asked = True
        self._out.put(None)

    def kill(self) -> None:
        """End the child at once."""
        self._asked = self._dead = True
        with contextlib.suppress(OSError):
            self._popen.kill()

    def wait(self, timeout_s: float) -> bool:
        """True when the end came, and was told, within that time."""
        return threading.current_thread() is self._reader or self._finished.wait(timeout_s)

    def _thread(self, target: Callable[[], None], what: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=f"preflight-{what}-{self._popen.pid}", daemon=True)
        thread.start()
        return thread

    def _write(self) -> None:
        stdin = _stream(self._popen.stdin)
        try:
            while (data := self._out.get()) is not None:
                stdin.write(data)
                stdin.flush()
        except (OSError, ValueError):
            self._dead = True
        finally:
            with contextlib.suppress(OSError, ValueError):
                stdin.close()

    def _drain(self) -> None:
        stderr = _stream(self._popen.stderr)
        with contextlib.suppress(OSError), stderr:
            while chunk := os.read(stderr.fileno(), STDERR_BYTES):
                self._tail = (self._tail + chunk)[-STDERR_BYTES:]

    def _read(self) -> None:
        spoke = False
        try:
            spoke = self._deliver()
        finally:
            self._finish(spoke)

    def _deliver(self) -> bool:
        stdout = _stream(self._popen.stdout)
        total = 0
        while line := stdout.readline(MAX_LINE_BYTES + 2):
            total += len(line)
            if not line.endswith(b"\n"):
                if len(line) > MAX_LINE_BYTES:
                    self._refuse(f"It sent a line of more than {MAX_LINE_BYTES:,} bytes.")
                return total > len(line)  # a line cut off by the end of the connection is no line
            line = line.rstrip(b"\r\n")
            if len(line) > MAX_LINE_BYTES or total > MAX_TOTAL_BYTES:
                self._refuse(f"It sent more than {MAX_TOTAL_BYTES:,} bytes, or a line of {len(line):,} bytes.")
                return True
            self._on_line(line)
        return total > 0

    def _refuse(self, cause: str) -> None:
        self._fault = TransportError("contract", cause, "Look who answers in the agent's place on that host.")
        self.kill()

    def _finish(self, spoke: bool) -> None:
        try:
            code = self._popen.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            code = self._popen.wait()
        self._dead = True
        self._out.put(None)
        self._stderr.join(1.0)  # a grandchild may still hold it open
        _stream(self._popen.stdout).close()
        text = cleaned(self._tail)
        error = self._fault
        if error is None and not self._asked and code != 0:
            error = self._judge(code, text, spoke)
        try:
            self._on_end(EndOfAgent(code, text, error))
        finally:
            self._finished.set()


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise TypeError("the process was started without that pipe")
    return stream
