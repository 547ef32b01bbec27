"""Starts our programs for the tests: `python -m MODULE`, forked out of a Python that has loaded the modules already.

Two thirds of a small run's processor time are Python's start, and hundreds of tests start one. What runs is the same
code in a process of its own, with its own folder, environment and output. On other systems than Linux, or with
PREFLIGHT_COLD_START set, Python itself is started; tests that kill, type or send signals always do that.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

# Windows cannot fork, and macOS's own libraries do not bear it.
COLD = sys.platform != "linux" or bool(os.environ.get("PREFLIGHT_COLD_START"))
Done = subprocess.CompletedProcess[str]


class _Warm:
    """One such Python, used by one test at a time; it ends with its stdin, when this process does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, module: str, arguments: list[str], cwd: Path, env: Mapping[str, str], timeout: float) -> Done:
        """As subprocess.run with text."""
        with self._lock, tempfile.TemporaryDirectory() as folder:
            files = {name: str(Path(folder, name)) for name in ("out", "err")}
            asked = {"module": module, "arguments": arguments, "cwd": str(cwd), "env": dict(env), **files}
            process = self._process = self._process or self._started()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            child = int(process.stdout.readline())
            overdue = threading.Event()
            late = threading.Timer(timeout, lambda: (overdue.set(), os.kill(child, signal.SIGKILL)))
            late.start()
            try:
                code = int(process.stdout.readline())
            finally:
                late.cancel()
            out, err = (
                Path(file).read_text(encoding="utf-8").replace("\r\n", "\n") if Path(file).exists() else ""
                for file in files.values()
            )
            command = [sys.executable, "-m", module, *arguments]
            if overdue.is_set():
                raise subprocess.TimeoutExpired(command, timeout, out.encode(), err.encode())
            return subprocess.CompletedProcess(command, code, out, err)

    @staticmethod
    def _started() -> subprocess.Popen[bytes]:
        server = Path(__file__).with_name("warm_python.py")
        env = {**os.environ, "PYTHONUTF8": "1"}
        pipe = subprocess.PIPE
        process = subprocess.Popen([sys.executable, str(server)], cwd=server.parent, env=env, stdin=pipe, stdout=pipe)
        atexit.register(process.communicate)
        return process


_warm = _Warm()


def run_module(
    module: str, arguments: list[str], *, cwd: Path, env: Mapping[str, str], timeout: float = 240, cold: bool = COLD
) -> Done:
    """Run `python -m MODULE ARGUMENTS` to its end, with UTF-8 and without stdin. Raises subprocess.TimeoutExpired."""
    if not cold:
        return _warm.run(module, arguments, cwd, env, timeout)
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        env={**env, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
