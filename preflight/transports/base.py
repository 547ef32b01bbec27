"""What every transport is: a testinfra backend that can also start an agent and stream lines to and from it."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from testinfra.backend.base import BaseBackend, CommandResult

from preflight.errors import TransportError
from preflight.topology.model import Machine, Manage, SecretRef


class Revealable(Protocol):
    """A secret that shows itself only when asked."""

    def reveal(self) -> str:
        """The secret in clear."""


Secrets = Callable[[SecretRef], Revealable]


@dataclass(frozen=True, slots=True)
class EndOfAgent:
    """How a remote process ended; `error` is None when it left with code 0 or because it was asked to."""

    exit_code: int
    stderr: str  # the last 4 KB, control characters stripped
    error: TransportError | None = None
    killed: bool = False  # it still ran when kill() reached the host; only transports that can tell say so (WinRM)


OnLine = Callable[[bytes], None]
OnEnd = Callable[[EndOfAgent], None]


class AgentProcess(Protocol):
    """A running remote process. No method blocks on the network or raises because the peer is gone."""

    def send(self, line: bytes) -> None:
        """Queue one line; the newline is added. Thread-safe. To a dead peer it does nothing."""

    def close(self) -> None:
        """End its stdin once all queued lines are out: an agent leaves then."""

    def kill(self) -> None:
        """End it at once, from this side."""


class PreflightBackend(BaseBackend, abc.ABC):
    """A way to one machine, for agents and for testinfra's own `host`.

    `testinfra.host.Host(backend)`, then `backend.set_host(host)`, gives a plain testinfra host.
    """

    NAME: str
    streaming: ClassVar[bool] = True  # False: stdin is what start() was fed; send() does nothing (WinRM)
    language: Literal["python", "powershell"] = "python"  # of the agents there

    def __init__(self, machine: Machine) -> None:
        if machine.manage is None:
            cause = f"{machine.name} has `manage: none`, so no agent can run there."
            raise TransportError("not-managed", cause, "Say in the inventory how the host is managed.")
        super().__init__(machine.name)
        self.machine = machine
        self.manage: Manage = machine.manage
        self._encoding = "utf-8"  # testinfra would start a remote Python only to ask this

    @property
    @abc.abstractmethod
    def python(self) -> str:
        """The interpreter that runs the agents there."""

    @abc.abstractmethod
    def describe(self) -> str:
        """The way in one phrase, for reports: ssh root@10.1.1.11:22."""

    @abc.abstractmethod
    def start(self, argv: Sequence[str], feed: bytes, on_line: OnLine, on_end: OnEnd) -> AgentProcess:
        """Start a remote process and write `feed` to it.

        Each line of its stdout goes to `on_line` without its newline; a longer one than MAX_LINE_BYTES ends the
        process with an error of kind `contract`. `on_end` is called exactly once. Both come from a reader thread.
        Raises TransportError when not even that can be tried.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """End everything that was started and still runs, within a few seconds."""

    @abc.abstractmethod
    def run(self, command: str, *args: str, **kwargs: Any) -> CommandResult:
        """Run one command for testinfra's `host.run`. Raises TransportError when the host cannot be talked to."""

    def decode(self, data: bytes) -> str:
        """Text of a command's output; what is not UTF-8 is replaced, since a host may send anything."""
        return data.decode("utf-8", errors="replace")

    def encode(self, data: str) -> bytes:
        """Bytes of a command."""
        return data.encode("utf-8")
