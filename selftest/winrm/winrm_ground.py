"""Backends towards an endpoint on loopback, and what came of a process, for the tests of this folder."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from preflight.errors import TransportError
from preflight.lab.wsman.process import ProcessExecutor
from preflight.lab.wsman.server import Endpoint, EndpointSettings
from preflight.topology.credentials import Secret
from preflight.topology.model import Machine, Manage, SecretRef
from preflight.transports.base import EndOfAgent
from preflight.transports.winrm import WinRmBackend
from preflight.transports.winrm_faults import ROWS

SECRET, WRONG = "Heslo-Zimni-2024", "Heslo-Letni-2023"
USER = "CORP\\preflight"
SHARED = Path(__file__).parents[2].parent / "shared" / "tools" / "pwsh"
WAIT_S = 60.0  # far more than anything here takes


def find_pwsh() -> str | None:
    """A PowerShell, or None."""
    return str(SHARED) if os.access(SHARED, os.X_OK) else shutil.which("pwsh")


@dataclass(slots=True)
class Told:
    """What a process said; `end` is there once `over` is set."""

    lines: list[bytes] = field(default_factory=list)
    ends: list[EndOfAgent] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    spoke: threading.Event = field(default_factory=threading.Event)

    def on_line(self, line: bytes) -> None:
        self.lines.append(line)
        self.spoke.set()

    def on_end(self, end: EndOfAgent) -> None:
        self.ends.append(end)
        self.over.set()

    @property
    def end(self) -> EndOfAgent:
        assert self.over.wait(WAIT_S), "the process did not end"
        assert len(self.ends) == 1
        return self.ends[0]


def shell_executor(**commands: list[str]) -> ProcessExecutor:
    """Runs `sh -c TEXT` as `do TEXT`, and what else is named."""
    pwsh = find_pwsh()
    own = {"powershell": [pwsh]} if pwsh is not None else {}
    return ProcessExecutor({"do": ["/bin/sh", "-c"], "cat": ["/bin/cat"], **own, **commands})


def machine_at(endpoint: Endpoint, **changes: Any) -> Machine:
    """A machine that is managed through the endpoint."""
    manage = Manage(
        "winrm",
        "127.0.0.1",
        endpoint.port,
        USER,
        SecretRef("env", "UNUSED"),
        https=endpoint.settings.tls is not None,
    )
    return Machine("cml1", frozenset({"cml"}), "10.1.1.11", "hq", None, replace(manage, **changes))


def backend_at(endpoint: Endpoint, secret: str = SECRET, path: str = "wsman", **changes: Any) -> WinRmBackend:
    """A backend for it."""
    return WinRmBackend(machine_at(endpoint, **changes), lambda _: Secret(secret), path=path)


def settings(**changes: Any) -> EndpointSettings:
    """An endpoint with one account."""
    return EndpointSettings(users={USER: SECRET}, **changes)


@contextmanager
def opened(endpoint: Endpoint, **options: Any) -> Iterator[WinRmBackend]:
    """A backend that is closed afterwards."""
    backend = backend_at(endpoint, **options)
    try:
        yield backend
    finally:
        backend.close()


def start(backend: WinRmBackend, *argv: str, feed: bytes = b"") -> tuple[Any, Told]:
    """Start a process and collect what it says."""
    told = Told()
    return backend.start(argv, feed, told.on_line, told.on_end), told


def until(endpoint: Endpoint, wanted: Callable[[], bool]) -> None:
    """Wait for something that the endpoint counts."""
    version = -1
    for _ in range(600):
        if wanted():
            return
        version = endpoint.stats.wait_change(version, 0.1)
    raise AssertionError(f"it did not come to that: {endpoint.stats.view()}")


def error_of(backend: WinRmBackend) -> TransportError:
    """The error of a first agent there."""
    try:
        end = start(backend, "do", "echo up")[1].end
    finally:
        backend.close()
    assert end.error is not None
    assert end.error.__cause__ is None
    assert end.error.__context__ is None, "pywinrm's exceptions hold the password"
    return end.error


def assert_is(error: TransportError, name: str) -> None:
    """The error is that row's: its kind, and the fixed words of its sentences."""
    row = next(row for row in ROWS if row.name == name)
    assert error.kind == row.kind, error
    for told, written in ((error.cause, row.cause), (error.remedy, row.remedy)):
        words = max((part for piece in written.split("{") for part in piece.split("}")), key=len)
        assert words in told, error
        assert "{" not in told.replace("@{", "")
    assert "127.0.0.1" in error.cause or "nosuch.invalid" in error.cause or "localhost" in error.cause
