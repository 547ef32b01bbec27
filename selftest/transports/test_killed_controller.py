"""kill -9 of the controller: no ssh, no agent and no master connection is left."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sshd import LocalSshd

from preflight.topology.model import Manage

ROOT = Path(__file__).resolve().parents[2]


def processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of every process that lives; the dead that nobody waited for are no processes."""
    text = subprocess.run(["ps", "-eww", "-o", "pid=,ppid=,stat=,args="], capture_output=True, check=True).stdout
    rows = [line.split(None, 3) for line in text.decode("utf-8", "replace").splitlines()]
    return {int(r[0]): (int(r[1]), r[3]) for r in rows if len(r) == 4 and not r[2].startswith("Z")}


def soon(holds: Callable[[], bool]) -> bool:
    """True as soon as it holds; False when it does not within 20 s."""
    deadline = time.monotonic() + 20
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.skipif(os.name != "posix" or not shutil.which("ps"), reason="needs ps and kill -9")
@pytest.mark.parametrize("by", ["ssh", "local"])
def test_nothing_is_left(sshd: LocalSshd, by: str, request: pytest.FixtureRequest) -> None:
    way = sshd.machine().manage if by == "ssh" else Manage(by="local", address="127.0.0.1")
    assert way is not None
    command = [sys.executable, str(Path(__file__).with_name("controller.py")), json.dumps(dataclasses.asdict(way))]
    private = tempfile.mkdtemp(prefix="k")  # tmp_path is too long for a socket's name on some systems
    request.addfinalizer(lambda: shutil.rmtree(private))
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": private}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as controller:
        assert controller.stdout is not None
        lines = [controller.stdout.readline().strip() for _ in range(4)]
        assert lines[3] == "ready"
        agents = [int(line.split()[1]) for line in lines[:3]]
        before = processes()
        children = [pid for pid, (parent, _) in before.items() if parent == controller.pid]
        assert len(children) == 3
        assert all(pid in before for pid in agents)
        controller.kill()
    assert soon(lambda: not {*agents, *children} & processes().keys())
    if by == "ssh":
        assert sshd.connections() == 1
        assert not [line for _, line in processes().values() if str(sshd.ssh_config) in line]
        assert soon(lambda: "Disconnected from user" in sshd.text())
