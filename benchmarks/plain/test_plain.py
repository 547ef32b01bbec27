"""The checks of the benchmark, written the plain testinfra way: one command for each, over testinfra's own ssh.

PLAIN_PLAN names a JSON file: {"hosts": {name: {"url", "ssh_config"}},
"flows": [[source, address, port, timeout_s]], "checks": [[host, kind, argument]]}. A check's kind is one of CHECKS; a
flow needs a listener at its end. Nothing is tuned for or against: testinfra's defaults stand, and a flow waits as long
as the suite that it is compared with.
"""

from __future__ import annotations

import json
import os
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import testinfra

PLAN: dict[str, Any] = json.loads(Path(os.environ["PLAIN_PLAN"]).read_text(encoding="utf-8"))

CHECKS = {
    "port-free": 'test -z "$(ss -Hltn sport = :{})"',
    "port-listening": 'test -n "$(ss -Hltn sport = :{})"',
    "udp-port-free": 'test -z "$(ss -Hlun sport = :{})"',
    "service-installed": "test -e /etc/systemd/system/{}.service",
    "service-absent": "test ! -e /etc/systemd/system/{}.service",
    "process-running": "pgrep -f ^{} >/dev/null",
    "name": 'test "$(hostname)" = {}',
    "address": "ip -o -4 addr show | grep -qw {}",
    "python": 'python3 -c "import sys; sys.exit(sys.version_info < ({},))"',
    "file": "test -e {}",
    "memory-mb": "test $(awk '/MemTotal/ {{print int($2/1024)}}' /proc/meminfo) -ge {}",
}


@cache
def machine(name: str) -> Any:
    """A testinfra host, made once a process: testinfra's advice."""
    way = PLAN["hosts"][name]
    return testinfra.get_host(way["url"], ssh_config=way["ssh_config"])


@pytest.mark.parametrize(("source", "address", "port", "timeout_s"), PLAN["flows"])
def test_flow(source: str, address: str, port: int, timeout_s: float) -> None:
    """The destination accepts a TCP connection from the source."""
    done = machine(source).run("timeout %s bash -c %s", str(timeout_s), f"</dev/tcp/{address}/{port}")
    assert done.rc != 124, f"{source} -> {address}:{port}: no answer within {timeout_s} s"
    assert done.rc == 0, f"{source} -> {address}:{port}: {done.stderr}"


@pytest.mark.parametrize(("name", "kind", "argument"), PLAN["checks"])
def test_check(name: str, kind: str, argument: str | int) -> None:
    """One thing that a host must show."""
    done = machine(name).run(CHECKS[kind].format(shlex.quote(str(argument))))
    assert done.rc == 0, f"{name}: {kind} {argument}: {done.stdout}{done.stderr}"
