"""A machine of the lab, seen from outside: its namespaces, the pipe to its first process, and looks into it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netlab.ground import program_path

INSIDE = Path(__file__).with_name("inside.py")
# The interpreter itself, not a virtual environment's link to it: services run it under names of their own.
PYTHON = os.path.realpath(sys.executable)
PYTHON_ENV = {"PYTHONHOME": sys.base_prefix}


class LabError(Exception):
    """The lab could not be built, or a command inside a host failed; the text says which."""


class Machine:
    """One set of namespaces. Starting and asking are split into two halves each, so that many go side by side."""

    def __init__(self, name: str, label: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        wrap = [
            "--pid",
            "--fork",
            "--kill-child",
            "--mount",
            "--net",
            "--uts",
            "--cgroup",
            "--propagation",
            "private",
            "--",
        ]
        with (folder / "init.log").open("wb") as log:
            self._process = subprocess.Popen(
                [label, *wrap, PYTHON, "-S", "-E", str(INSIDE), label],
                executable=program_path("unshare"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd="/",
            )
        self.pid = 0  # of the host's first process, as the lab's namespace counts

    def tell(self, do: str, **fields: Any) -> None:
        """Sends one command."""
        pipe = self._process.stdin
        assert pipe is not None
        pipe.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        pipe.flush()

    def hear(self) -> dict[str, Any]:
        """Waits for one answer; raises LabError when the host says that it failed, or has died."""
        pipe = self._process.stdout
        assert pipe is not None
        line = pipe.readline()
        if not line:
            log = (self.folder / "init.log").read_text(encoding="utf-8", errors="replace")
            raise LabError(f"{self.name} died: {log}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise LabError(f"{self.name}: {answer['error']}")
        self.pid = answer.get("pid", self.pid)
        return answer

    def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        """Both halves at once."""
        self.tell(do, **fields)
        return self.hear()

    def enter(self, argv: Sequence[str]) -> list[str]:
        """The command that runs `argv` inside this host, for Popen and its kin."""
        return ["nsenter", "-t", str(self.pid), "-m", "-u", "-n", "-p", "--wd=/", "--", *argv]

    def run(self, argv: Sequence[str], text: str = "", timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Runs a command inside and returns what it said, whatever its exit code."""
        return subprocess.run(
            self.enter(argv), input=text, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def processes(self) -> dict[int, list[str]]:
        """Argument lists of all processes inside but the first, by process id inside. Kernel text: nothing is run."""
        found = {}
        for folder in Path(f"/proc/{self.pid}/root/proc").glob("[0-9]*"):
            try:
                arguments = (folder / "cmdline").read_bytes().rstrip(b"\0").decode("utf-8", "replace").split("\0")
            except OSError:  # it has ended since it was listed
                continue
            if folder.name != "1" and arguments != [""]:  # zombies have no arguments
                found[int(folder.name)] = arguments
        return found

    def listeners(self) -> set[tuple[str, int]]:
        """(protocol, port) of every socket that listens inside, as `ss` sees them."""
        shown = self.run(["ss", "-Hltun"])
        if shown.returncode:
            raise LabError(f"{self.name}: ss: {shown.stderr}")
        lines = [line.split() for line in shown.stdout.splitlines()]
        return {(line[0], int(line[4].rpartition(":")[2])) for line in lines}

    def log(self) -> str:
        """What sshd has logged since it started."""
        path = self.folder / "sshd.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def hang_up(self) -> None:
        """First half of the end: the first process sees its pipe close, and leaves."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()

    def wait(self) -> None:
        """Second half: returns when every process inside has ended."""
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
