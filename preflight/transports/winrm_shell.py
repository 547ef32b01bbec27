"""The remote shells of one host: one for all its commands, opened when first needed, always deleted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from winrm.exceptions import WinRMOperationTimeoutError, WSManFaultError
from winrm.protocol import Protocol

from preflight.errors import TransportError
from preflight.topology.model import Manage
from preflight.transports.winrm_errors import FINAL_KINDS, explained
from preflight.transports.winrm_line import CALL_S, Line, Lines

T = TypeVar("T")
IDLE_S = 120  # without a request for that long the host ends a shell by itself: when the controller was killed
CLOSE_S = 4.0
CODEPAGE_UTF8 = 65001
SHELL_GONE = frozenset({2150858843, 2150859204})  # ERROR_WSMAN_UNEXPECTED_SELECTORS, ERROR_WINRS_SHELL_DISCONNECTED
# A shell that takes no further command: MaxProcessesPerShell, its PPQ twin, ERROR_WINRS_RECEIVE_IN_PROGRESS.
SHELL_FULL = frozenset({1816, 2150859241, 2150859047})


class Shells:
    """Thread-safe. What requests raise is not chained to what lies below: that holds passwords."""

    def __init__(self, make: Callable[[], Protocol], manage: Manage) -> None:
        self.lines = Lines(make)
        self._manage = manage
        self._lock = threading.Lock()
        self._current: str | None = None
        self._open: list[str] = []
        self._failed: TransportError | None = None
        self._closed = False

    def request(
        self,
        work: Callable[[Protocol], T],
        wait_s: float = CALL_S,
        holding: Callable[[Line | None], None] | None = None,
    ) -> T:
        """One request. WSManFaultError and an operation's time-out are left as they are: callers act on them.

        Raises TransportError for all else. `holding` is told which connection is used, then None.
        """
        try:
            return self.lines.ask(work, wait_s, holding)
        except (WSManFaultError, WinRMOperationTimeoutError):
            raise
        except Exception as error:
            failure = explained(error, self._manage)
        raise failure  # outside of the except clause: not even as a context does the original come along

    def explain(self, error: BaseException) -> TransportError:
        """A fault as an error of ours."""
        return explained(error, self._manage)

    def run(self, command: str) -> tuple[str, str]:
        """Start a command in the shell: (shell, command). Raises TransportError.

        A shell that has idled out is opened again once; one that takes no further command gets a second one beside it.
        """
        shell = self._shell()
        try:
            return shell, self._command(shell, command)
        except WSManFaultError as error:
            if error.wsman_fault_code in SHELL_GONE:
                again = self._shell(instead_of=shell)
            elif error.wsman_fault_code in SHELL_FULL:
                again = self._extra()
            else:
                again = None
            failure = explained(error, self._manage)
        if again is None:
            raise failure
        try:
            return again, self._command(again, command)
        except WSManFaultError as error:
            failure = explained(error, self._manage)
        raise failure

    def close(self) -> None:
        """Delete all shells, which ends what runs in them, and end all connections: within CLOSE_S and a moment."""
        self._closed = True
        deadline = time.monotonic() + CLOSE_S
        opener_is_done = self._lock.acquire(timeout=CLOSE_S / 2)  # a Create under way leaves a shell to delete
        shells, self._open, self._current = self._open, [], None
        if opener_is_done:
            self._lock.release()
        if shells:
            with ThreadPoolExecutor(len(shells)) as pool:
                list(pool.map(lambda shell: self._delete(shell, max(0.5, deadline - time.monotonic())), shells))
        self.lines.close()

    def _delete(self, shell: str, wait_s: float) -> None:
        def delete(protocol: Protocol) -> None:
            protocol.close_shell(shell, close_session=False)

        try:
            self.lines.ask(delete, wait_s)
        except Exception:
            return  # it is gone, or the host is: the shell then ends by its idle timeout

    def _command(self, shell: str, command: str) -> str:
        def start(protocol: Protocol) -> str:
            return str(protocol.run_command(shell, command, console_mode_stdin=False))

        return self.request(start)

    def _shell(self, instead_of: str | None = None) -> str:
        with self._lock:
            if self._closed:
                raise _closed_error()
            if self._failed is not None:  # the same login again could lock the account
                raise self._failed
            if instead_of is not None and self._current == instead_of:
                self._open.remove(instead_of)
                self._current = None
            if self._current is None:
                self._current = self._create()
            return self._current

    def _extra(self) -> str:
        """A further shell. It is the one that is used from now on."""
        with self._lock:
            if self._closed:
                raise _closed_error()
            self._current = self._create()
            return self._current

    def _create(self) -> str:
        def create(protocol: Protocol) -> str:
            # Without loading the user's profile: that would write one on a host where the account never was.
            # PowerShell would put its cache of modules into the Default profile then: it goes nowhere instead.
            return str(
                protocol.open_shell(
                    codepage=CODEPAGE_UTF8,
                    idle_timeout=f"PT{IDLE_S}S",
                    noprofile=True,
                    env_vars={"PSModuleAnalysisCachePath": "NUL"},
                )
            )

        try:
            shell = self.request(create)
        except (WSManFaultError, WinRMOperationTimeoutError, TransportError) as error:
            failure = explained(error, self._manage)
        else:
            if not self._closed:
                self._open.append(shell)
                return shell
            self._delete(shell, CLOSE_S)  # close() did not wait for it
            failure = _closed_error()
        if failure.kind in FINAL_KINDS:
            self._failed = failure
        raise failure


def _closed_error() -> TransportError:
    return TransportError("closed", "The connection was closed from this side.", "Run again.")
