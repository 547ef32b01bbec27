"""One command in a shell: its output until somebody fetches it, and its end."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable

from preflight.lab.wsman import replies
from preflight.lab.wsman.executor import Running, Stream

MAX_BUFFER = 64 * 1024 * 1024  # bytes of output that nobody fetched; more ends the command
CTRL_C_EXIT = -1073741510  # STATUS_CONTROL_C_EXIT, how a process ends that does not handle it
TICK_S = 1.0  # how often a waiting Receive looks whether its client is still there


class Command:
    """One command: what it wrote and nobody fetched yet, and how it ended."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self.id = str(uuid.uuid4()).upper()
        self.running: Running | None = None
        self._ended = ended
        self._changed = threading.Condition()
        self._chunks: deque[tuple[Stream, bytes]] = deque()
        self._held = 0
        self._exit_code: int | None = None
        self._interrupted = False
        self._gone = False

    @property
    def is_over(self) -> bool:
        """Whether its process ended."""
        return self._exit_code is not None

    def on_output(self, stream: Stream, data: bytes) -> None:
        """Called by the executor."""
        with self._changed:
            if self._gone or not data:
                return
            self._held += len(data)
            if self._held <= MAX_BUFFER:
                self._chunks.append((stream, data))
                self._changed.notify_all()
                return
        self.kill()

    def on_exit(self, code: int) -> None:
        """Called by the executor, once."""
        with self._changed:
            if self._exit_code is not None:
                return
            self._exit_code = CTRL_C_EXIT if self._interrupted else code
            self._ended()
            self._changed.notify_all()

    def receive(
        self, timeout_s: float, most: int, is_wanted: Callable[[], bool]
    ) -> tuple[list[tuple[Stream, bytes]], int | None]:
        """Output that is there, `most` bytes of it, and the exit code once nothing is left.

        Waits for either. `is_wanted` tells whether the client is still there: what it would not read stays for the
        next one. Raises SoapError: timed out, aborted.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self._chunks and self._exit_code is None and not self._gone:
                left = deadline - time.monotonic()
                if left <= 0 or not is_wanted():
                    raise replies.timed_out()
                self._changed.wait(min(left, TICK_S))
            if self._gone:
                raise replies.aborted()
            if not is_wanted():
                raise replies.timed_out()
            taken: list[tuple[Stream, bytes]] = []
            while self._chunks and most > 0:
                stream, data = self._chunks.popleft()
                if len(data) > most:
                    self._chunks.appendleft((stream, data[most:]))
                    data = data[:most]
                most -= len(data)
                self._held -= len(data)
                if taken and taken[-1][0] == stream:
                    taken[-1] = (stream, taken[-1][1] + data)
                else:
                    taken.append((stream, data))
            return taken, None if self._chunks else self._exit_code

    def interrupt(self) -> None:
        """Ctrl+C: it ends as a process does that does not handle it, and the output stays."""
        with self._changed:
            self._interrupted = True
        self.kill()

    def abandon(self) -> None:
        """Terminate: it ends, a waiting Receive is aborted, and nobody can ask about it any more."""
        with self._changed:
            self._gone = True
            self._chunks.clear()
            self._changed.notify_all()
        self.kill()

    def kill(self) -> None:
        """End its process."""
        running = self.running
        if running is not None and not self.is_over:
            running.kill()
