"""Connections to one host: a pywinrm Protocol each, used by one thread at a time, kept and reused."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from winrm.exceptions import WinRMOperationTimeoutError, WSManFaultError
from winrm.protocol import Protocol

from preflight.transports.winrm_http import READ_S, BoundedTransport, StaleConnectionError

T = TypeVar("T")
CALL_S = float(READ_S + 10)  # a whole request, its login and name lookup included
REST_S = 60.0  # an unused connection is not used again after that: Windows closes it after 120 s
NEVER_ANSWERED = "answered: never"  # a note on an exception: not one HTTP answer had come on that connection
ENVELOPE_BYTES = 512_000  # the largest answer that we take; Windows' own limit is the same by default


class OverdueError(Exception):
    """A request took longer than its deadline."""


class DroppedError(Exception):
    """The connection was ended from this side while a request was under way."""


class EnvelopeProtocol(Protocol):
    """pywinrm's Protocol that asks for larger answers than its 153,600 bytes: fewer Receives."""

    def build_wsman_header(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The header with our size."""
        header: dict[str, Any] = super().build_wsman_header(*args, **kwargs)
        header["env:Header"]["w:MaxEnvelopeSize"]["#text"] = str(ENVELOPE_BYTES)
        return header


class Line:
    """One connection. Only `drop` may be called from a thread that does not hold it."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._waiting: threading.Event | None = None
        self._dropped = False
        self.broken = False
        self.used = time.monotonic()

    def ask(self, work: Callable[[Protocol], T], wait_s: float = CALL_S) -> T:
        """Do one request. Raises what pywinrm and requests raise, OverdueError, DroppedError.

        The request runs in a thread of its own: requests' timeouts count the silence between two packets, and no
        timeout of theirs covers the name lookup.
        """
        outcome: list[T] = []
        failure: list[BaseException] = []
        done = threading.Event()

        def run() -> None:
            try:
                outcome.append(work(self._protocol))
            except BaseException as error:
                failure.append(error)
            finally:
                done.set()

        self._waiting = done
        if not self._dropped:
            threading.Thread(target=run, name="preflight-winrm-request", daemon=True).start()
            try:
                in_time = done.wait(wait_s)
            except BaseException:  # Ctrl-C
                self.drop()
                raise
        if self._dropped:
            raise DroppedError("the connection was ended")
        if not in_time:
            self.drop()
            raise OverdueError(f"no answer within {wait_s:g} s")
        self.used = time.monotonic()
        if failure:
            # Faults are answers: the connection is as good as before.
            self.broken = not isinstance(failure[0], WSManFaultError | WinRMOperationTimeoutError)
            if not _transport(self._protocol).wire.answered:
                failure[0].add_note(NEVER_ANSWERED)
            raise failure[0]
        return outcome[0]

    def drop(self) -> None:
        """End the connection at once, and the request that waits on it."""
        self.broken = self._dropped = True
        _transport(self._protocol).drop()
        if self._waiting is not None:
            self._waiting.set()

    def close(self) -> None:
        """End a connection that nobody uses."""
        self.broken = True
        with contextlib.suppress(Exception):
            self._protocol.transport.close_session()


def _transport(protocol: Protocol) -> BoundedTransport:
    transport = protocol.transport
    if not isinstance(transport, BoundedTransport):
        raise TypeError("a Protocol without our transport")
    return transport


class Lines:
    """The connections to one host: as many as threads talk to it at the same time."""

    def __init__(self, make: Callable[[], Protocol]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._free: list[Line] = []
        self._taken: set[Line] = set()

    @contextlib.contextmanager
    def borrow(self) -> Iterator[Line]:
        """A connection for this thread. What pywinrm raises for wrong settings comes from here."""
        line = self._take()
        try:
            yield line
        finally:
            with self._lock:
                self._taken.discard(line)
                if not line.broken:
                    self._free.append(line)
            if line.broken:
                line.close()

    def ask(
        self,
        work: Callable[[Protocol], T],
        wait_s: float = CALL_S,
        holding: Callable[[Line | None], None] | None = None,
    ) -> T:
        """One request on any connection; once more on a new one when the first had been closed meanwhile.

        `holding` is told which connection waits, so that it can be dropped, and None afterwards.
        """
        for last in (False, True):
            with self.borrow() as line:
                if holding is not None:
                    holding(line)
                try:
                    return line.ask(work, wait_s)
                except StaleConnectionError:
                    if last:
                        raise
                finally:
                    if holding is not None:
                        holding(None)
        raise StaleConnectionError("the connection was closed twice")

    def close(self) -> None:
        """End all; threads that still wait for an answer see DroppedError."""
        with self._lock:
            free, self._free = self._free, []
            taken = list(self._taken)
        for line in free:
            line.close()
        for line in taken:
            line.drop()

    def _take(self) -> Line:
        with self._lock:
            now = time.monotonic()
            old = [line for line in self._free if now - line.used > REST_S]
            self._free = [line for line in self._free if line not in old]
            line = self._free.pop() if self._free else None
            if line is None:
                line = Line(self._make())
            self._taken.add(line)
        for unused in old:
            unused.close()
        return line
