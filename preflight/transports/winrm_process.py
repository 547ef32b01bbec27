"""One command in a remote shell: its whole stdin goes out, its lines come in through a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from winrm.exceptions import WinRMOperationTimeoutError, WSManFaultError
from winrm.protocol import Protocol

from preflight.errors import TransportError
from preflight.transports.base import EndOfAgent, OnEnd, OnLine
from preflight.transports.clean import cleaned
from preflight.transports.process import MAX_LINE_BYTES, MAX_TOTAL_BYTES, STDERR_BYTES
from preflight.transports.winrm_clixml import plain_stderr
from preflight.transports.winrm_line import Line
from preflight.transports.winrm_shell import Shells

# 307,200 bytes are 409,600 in base64: with the envelope around it well below the 512,000 that Windows takes since 2012.
CHUNK_BYTES = 300 * 1024
SIGNAL_S = 5.0
GRACE_S = 3.0  # between a Signal and the end of the reader
STDERR_RAW_BYTES = 64 * 1024  # CLIXML is wordy; the tail is cut after it was made plain
LOST = -1  # the exit code of a process whose end was not seen

Judge = Callable[[int, str, bytes, bool], TransportError]
OnOutput = Callable[[bytes, bytes], bool]


class Command:
    """A remote command and its requests. `take(stdout, stderr)` gets each piece; False ends the reading."""

    def __init__(self, shells: Shells, text: str, feed: bytes, take: OnOutput, deadline_s: float | None = None) -> None:
        self._shells, self._text, self._feed, self._take = shells, text, feed, take
        self._deadline_s = deadline_s  # seconds for all of it; None: whoever started it ends it
        self._began = threading.Event()
        self._over = threading.Event()
        self._ids: tuple[str, str] | None = None
        self._line: Line | None = None
        self._stop_tried = threading.Event()
        self._signalled = False
        self.stopped = False
        self.enough = False  # all that is wanted has come: the next Receive is saved

    def converse(self) -> int:
        """Run it to its end: Command, Send as few as fit, Receive until it is done. Raises TransportError.

        The deadline is looked at between two Receives, so it may be passed by the time of one (OPERATION_S).
        """
        try:
            if self.stopped:
                return LOST
            self._ids = shell, command = self._shells.run(self._text)
            self._began.set()
            pieces = [self._feed[i : i + CHUNK_BYTES] for i in range(0, len(self._feed), CHUNK_BYTES)] or [b""]
            for number, piece in enumerate(pieces, 1):
                self._send(shell, command, piece, end=number == len(pieces))
            return self._receive(shell, command)
        except (WSManFaultError, WinRMOperationTimeoutError) as error:
            if self.stopped:
                return LOST
            failure = self._shells.explain(error)
        except TransportError:
            if self.stopped:
                return LOST
            raise
        finally:
            self._over.set()
            self._began.set()
        raise failure

    def stop(self) -> None:
        """End it on the host by Signal, from another thread than converse()'s; then make sure that converse() ends."""
        self.stopped = True
        try:
            self._began.wait()
            if self._ids is not None and not self._over.is_set():
                self._signal(*self._ids)
        finally:
            self._stop_tried.set()
        line = self._line
        if not self._over.wait(GRACE_S) and line is not None:
            self._signalled = False  # the Signal went well, the end was not told: what was said last may be lost
            line.drop()

    def was_killed(self) -> bool:
        """After converse(): whether a Signal reached the host before the end was seen."""
        if self.stopped:
            self._stop_tried.wait()
        return self._signalled

    def _signal(self, shell: str, command: str) -> None:
        try:
            self._shells.request(lambda p: p.cleanup_command(shell, command), SIGNAL_S)
            self._signalled = True
        except (WSManFaultError, WinRMOperationTimeoutError, TransportError):
            pass  # the host is gone, or the shell: it dies with that

    def clean_up(self) -> None:
        """Tell the host that all output was taken; without it a finished command stays until the shell ends."""
        if self._ids is not None:
            self._signal(*self._ids)

    def _send(self, shell: str, command: str, piece: bytes, end: bool) -> None:
        def send(protocol: Protocol) -> None:
            protocol.send_command_input(shell, command, piece, end=end)

        self._shells.request(send, holding=self._hold)

    def _hold(self, line: Line | None) -> None:
        self._line = line

    def _receive(self, shell: str, command: str) -> int:
        ends = None if self._deadline_s is None else time.monotonic() + self._deadline_s
        while True:
            if ends is not None and time.monotonic() >= ends:
                self._signal(shell, command)
                cause = f"A command was not over within {self._deadline_s:g} s and was ended."
                raise TransportError("timeout", cause, "Let the command do less, or ask what it waits for.")
            try:
                out, err, code, done = self._shells.request(
                    lambda p: p.get_command_output_raw(shell, command), holding=self._hold
                )
            except WinRMOperationTimeoutError:  # nothing to tell for OPERATION_S: ask again
                continue
            if not self._take(out, err):
                return LOST
            if done:
                return int(code)
            if self.enough:
                return LOST


class WinRmProcess:
    """An AgentProcess. `judge(exit code, stderr, first noise, spoke)` names the error of an end nobody asked for."""

    def __init__(self, shells: Shells, text: str, feed: bytes, on_line: OnLine, on_end: OnEnd, judge: Judge) -> None:
        self._on_line, self._on_end, self._judge = on_line, on_end, judge
        self._rest = b""
        self._noise = b""
        self._total = 0
        self._stderr = b""
        self._spoke = False
        self._asked = False
        self._fault: TransportError | None = None
        self._finished = threading.Event()
        self._command = Command(shells, text, feed, self._take)
        self._reader = threading.Thread(target=self._read, name="preflight-winrm-read", daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        """True until the end has been told."""
        return not self._finished.is_set()

    def send(self, line: bytes) -> None:
        """Does nothing: over WinRM an agent gets everything at its start."""

    def close(self) -> None:
        """Nothing more is wanted of it: an early end is no error, and no further request asks for what it says."""
        self._asked = self._command.enough = True

    def kill(self) -> None:
        """End it at once: a Signal is sent, without waiting for it here."""
        self._asked = True
        if self.alive and not self._command.stopped:
            self._command.stopped = True
            threading.Thread(target=self._command.stop, name="preflight-winrm-signal", daemon=True).start()

    def wait(self, timeout_s: float) -> bool:
        """True when the end came, and was told, within that time."""
        return threading.current_thread() is self._reader or self._finished.wait(timeout_s)

    def _read(self) -> None:
        code, error = LOST, None
        try:
            code = self._command.converse()
        except TransportError as failure:
            error = failure
        except BaseException as failure:
            text = f"The WinRM transport failed by itself: {type(failure).__name__}."
            error = TransportError("other", text, "Report this as an error of Preflight.")
        text = cleaned(plain_stderr(self._stderr))[-STDERR_BYTES:]
        killed = self._command.was_killed()
        if self._fault is not None:
            error = self._fault
        elif self._asked:
            error = None
        elif error is None and code != 0:
            error = self._judge(code, text, self._noise, self._spoke)
        try:
            self._on_end(EndOfAgent(code, text, error, killed))
        finally:
            self._finished.set()

    def _take(self, out: bytes, err: bytes) -> bool:
        self._stderr = (self._stderr + err)[-STDERR_RAW_BYTES:]
        self._total += len(out)
        *lines, self._rest = (self._rest + out).split(b"\n")
        for line in lines:
            if len(line) > MAX_LINE_BYTES + 1:
                self._rest = line
                break
            self._deliver(line.rstrip(b"\r"))
        if len(self._rest) > MAX_LINE_BYTES + 1 or self._total > MAX_TOTAL_BYTES:
            cause = f"It sent a line of more than {MAX_LINE_BYTES:,} bytes, or more than {MAX_TOTAL_BYTES:,} in all."
            self._fault = TransportError("contract", cause, "Look who answers in the agent's place on that host.")
            self.kill()
            return False
        return True

    def _deliver(self, line: bytes) -> None:
        self._spoke = self._spoke or line.startswith(b"{")
        if not self._spoke:
            self._noise = (self._noise + line + b"\n")[:STDERR_BYTES]
        self._on_line(line)
