"""What the endpoint asks of whatever runs the commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

Stream = Literal["stdout", "stderr"]
OnOutput = Callable[[Stream, bytes], None]
OnExit = Callable[[int], None]


class Running(Protocol):
    """A command that was started. All calls are thread-safe, none blocks, and to a dead command they do nothing."""

    def write(self, data: bytes) -> None:
        """More stdin."""

    def end_input(self) -> None:
        """End of stdin."""

    def kill(self) -> None:
        """End it with all its children. `on_exit` still comes."""


class Executor(Protocol):
    """Runs command lines for the endpoint."""

    def start(
        self,
        command: str,
        arguments: Sequence[str],
        user: str,
        path: str,
        on_output: OnOutput,
        on_exit: OnExit,
    ) -> Running:
        """Start one command and return at once.

        `command` and `arguments` are as they came in the request: pywinrm sends a whole command line as `command`.
        `user` is who logged in ("" without auth); `path` is what stands after /wsman/ in the URL ("" for /wsman).
        `on_output` and `on_exit` may be called from any thread, also before this returns; `on_exit` exactly once,
        after the last `on_output`. Raises OSError when the command cannot be started: the client then sees the fault
        of Windows for it.
        """
