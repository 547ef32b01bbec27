"""Runs `preflight attest` as a user does: on a terminal of its own that can be typed on, or without one."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from suite import CLONE
from warm_start import Done, run_module

PATIENCE_S = 120


def command(inventory: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "preflight.cli", "attest", f"--inventory={inventory}", *words]


def without_terminal(inventory: Path, *words: str) -> Done:
    """Nobody there to ask."""
    arguments = ["attest", f"--inventory={inventory}", *words]
    env = {**os.environ, "COLUMNS": "100", "PYTHONUTF8": "1"}
    return run_module("preflight.cli", arguments, cwd=CLONE, env=env, timeout=PATIENCE_S)


class Typist:
    """A person at a terminal: waits for a text, then types."""

    def __init__(self, inventory: Path, *words: str) -> None:
        self._terminal, inner = pty.openpty()
        self.seen = ""
        self._process = subprocess.Popen(
            command(inventory, *words),
            cwd=CLONE,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**os.environ, "COLUMNS": "100", "TERM": "dumb", "PYTHONUTF8": "1"},
            start_new_session=True,
            preexec_fn=lambda: _own_terminal(),  # so that Ctrl-C on it reaches the command
        )
        os.close(inner)

    def wait_for(self, text: str) -> None:
        """Read until the text has come; what came before it is done with."""
        end = time.monotonic() + PATIENCE_S
        fresh = ""
        while text not in fresh:
            assert time.monotonic() < end, f"{text!r} did not come: {self.seen}"
            piece = self._read()
            assert piece is not None, f"ended before {text!r} came: {self.seen}"
            fresh += piece

    def type(self, answer: str, after: str) -> None:
        """Answer a question."""
        self.wait_for(after)
        if answer == "\x03":
            time.sleep(0.5)  # Python's input() sleeps over a Ctrl-C that comes between its prompt and its reading
        os.write(self._terminal, answer.encode())

    def end(self) -> int:
        """Read the rest: the exit code."""
        end = time.monotonic() + PATIENCE_S
        while self._read() is not None:
            if time.monotonic() > end:
                self._process.kill()
                raise AssertionError(f"it does not end: {self.seen}")
        os.close(self._terminal)
        return self._process.wait(PATIENCE_S)

    def _read(self) -> str | None:
        ready, _, _ = select.select([self._terminal], [], [], 1)
        if not ready:
            return ""
        try:
            piece = os.read(self._terminal, 65536).decode("utf-8", "replace")
        except OSError:  # the other side is gone
            return None
        self.seen += piece
        return piece or None


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell has its background jobs ignore it, and that is inherited
