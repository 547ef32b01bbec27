"""Endpoints for the tests: an executor with a few commands of its own, and pywinrm clients."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from winrm.exceptions import WinRMOperationTimeoutError
from winrm.protocol import Protocol

from preflight.lab.wsman.certificates import new_authority, new_certificate
from preflight.lab.wsman.executor import OnExit, OnOutput
from preflight.lab.wsman.server import Endpoint, EndpointSettings

USER = "LAB\\install"
PASSWORD = "correct horse"  # noqa: S105 - of a server that lives for one test
OTHER = "other pw"
USERS = {USER: PASSWORD, "local": OTHER}
Received = tuple[bytes, bytes, int, bool]


class Told:
    """A command under the test's hand: what it got, and what it says."""

    def __init__(self, line: str, user: str, path: str, on_output: OnOutput, on_exit: OnExit) -> None:
        self.line, self.user, self.path = line, user, path
        self.says = on_output
        self.exits = on_exit
        self.input = b""
        self.ended = threading.Event()
        self.killed = threading.Event()

    def write(self, data: bytes) -> None:
        self.input += data

    def end_input(self) -> None:
        self.ended.set()
        if self.line == "cat":
            self.says("stdout", self.input)
            self.exits(0)

    def kill(self) -> None:
        self.killed.set()
        self.exits(1)


class ToldExecutor:
    """Starts nothing: `started` holds what it was asked to."""

    def __init__(self) -> None:
        self.started: list[Told] = []

    def start(
        self, command: str, arguments: Sequence[str], user: str, path: str, on_output: OnOutput, on_exit: OnExit
    ) -> Told:
        if command == "missing":
            raise FileNotFoundError("no such program")
        told = Told(" ".join([command, *arguments]), user, path, on_output, on_exit)
        self.started.append(told)
        return told


def tls_settings(folder: Path, settings: EndpointSettings, kind: str = "good") -> tuple[EndpointSettings, Path]:
    """Settings with a certificate, and the authority's file for the client."""
    authority = new_authority()
    files = new_certificate(folder, [settings.host, "localhost"], kind, authority)  # type: ignore[arg-type]
    return replace(settings, tls=files), authority.save(folder)


def client(endpoint: Endpoint, transport: str = "ntlm", path: str = "", **more: Any) -> Protocol:
    """A pywinrm client that takes nothing from the environment."""
    given: dict[str, Any] = {"username": USER, "password": PASSWORD, "proxy": None, "ca_trust_path": None}
    given |= {"operation_timeout_sec": 5, "read_timeout_sec": 15, **more}
    return Protocol(endpoint.url + (f"/{path}" if path else ""), transport, **given)


def patient(ask: Callable[[], Received]) -> Received:
    """Ask until there is an answer."""
    while True:
        try:
            return ask()
        except WinRMOperationTimeoutError:
            continue


def run(protocol: Protocol, line: str, stdin: bytes = b"") -> tuple[bytes, bytes, int]:
    """One command in a shell of its own."""
    shell = protocol.open_shell(codepage=65001)
    try:
        command = protocol.run_command(shell, line, console_mode_stdin=False)
        protocol.send_command_input(shell, command, stdin, end=True)
        answer: tuple[bytes, bytes, int] = protocol.get_command_output(shell, command)
        protocol.cleanup_command(shell, command)
        return answer
    finally:
        protocol.close_shell(shell)
