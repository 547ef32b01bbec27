"""The same checks for Windows hosts: one PowerShell command for each, over testinfra's own WinRM backend.

PLAIN_PLAN as in test_plain.py; a host's `url` is winrm://user:password@address:5985?no_ssl=true. TcpClient instead of
Test-NetConnection, which is slower and knows no timeout: nothing is tuned against this side.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import testinfra

PLAN: dict[str, Any] = json.loads(Path(os.environ["PLAIN_PLAN"]).read_text(encoding="utf-8"))

POWERSHELL = 'powershell -NoProfile -NonInteractive -Command "{}"'
CONNECT = (
    "$c=New-Object Net.Sockets.TcpClient;$a=$c.BeginConnect('{}',{},$null,$null);"
    "if(-not $a.AsyncWaitHandle.WaitOne({})){{exit 124}};try{{$c.EndConnect($a)}}catch{{exit 1}};exit 0"
)
LISTENERS = "[Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpListeners()"
CHECKS = {
    "port-free": f"exit [int](@({LISTENERS}|ForEach-Object{{{{$_.Port}}}}) -contains {{}})",
}


@cache
def machine(name: str) -> Any:
    """A testinfra host, made once a process: testinfra's advice."""
    return testinfra.get_host(PLAN["hosts"][name]["url"])


@pytest.mark.parametrize(("source", "address", "port", "timeout_s"), PLAN["flows"])
def test_flow(source: str, address: str, port: int, timeout_s: float) -> None:
    """The destination accepts a TCP connection from the source."""
    done = machine(source).run(POWERSHELL.format(CONNECT.format(address, port, round(timeout_s * 1000))))
    assert done.rc != 124, f"{source} -> {address}:{port}: no answer within {timeout_s} s"
    assert done.rc == 0, f"{source} -> {address}:{port}: {done.stderr}"


@pytest.mark.parametrize(("name", "kind", "argument"), PLAN["checks"])
def test_check(name: str, kind: str, argument: str | int) -> None:
    """One thing that a host must show."""
    done = machine(name).run(POWERSHELL.format(CHECKS[kind].format(argument)))
    assert done.rc == 0, f"{name}: {kind} {argument}: {done.stdout}{done.stderr}"
