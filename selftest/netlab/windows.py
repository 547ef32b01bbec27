"""Hosts of a lab that pass for Windows: a WinRM endpoint inside, with a real PowerShell behind it."""

from __future__ import annotations

import functools
import itertools
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lean_powershell

from netlab.spec import LabHost, Service

CLONE = Path(__file__).resolve().parents[2]
STANDINS = CLONE / "selftest" / "standins" / "namespace.ps1"
PORT = 5985  # WinRM over HTTP
USER = "preflight"
STATS = "winrm.json"  # in a host's folder
_SAID = "the stand-ins are loaded"
_numbers = itertools.count()


def powershell() -> Path | None:
    """The PowerShell of this machine: the one beside the checkout, or the one on the PATH."""
    beside = CLONE.parent / "shared" / "tools" / "pwsh"
    if beside.is_file():
        return beside
    found = shutil.which("pwsh")
    return Path(found) if found else None


@functools.cache
def missing() -> str | None:
    """Why no WinRM host can be built here, for a skip; None when one can. Starts PowerShell once, which unpacks it."""
    program = powershell()
    if program is None:
        return "no PowerShell: neither ../shared/tools/pwsh beside the checkout nor pwsh on the PATH"
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder, "trial.ps1")
        trial.write_text(f"function Get-Trial {{ '{_SAID}' }}\n", encoding="ascii")
        done = subprocess.run(
            [str(program), "-NoProfile", "-NonInteractive", "-Command", "Get-Trial"],
            env={**os.environ, "PWSH_STANDINS": str(trial)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if _SAID not in done.stdout:
        return f"no PowerShell that takes stand-ins (PWSH_STANDINS): {program} does not"
    return None


@dataclass(frozen=True, slots=True)
class Counts:
    """What an endpoint has counted since it started."""

    operations: int  # SOAP operations: what the promise "40 requests a host" counts
    requests: int  # HTTP requests, those of NTLM's handshakes among them
    shells_ever: int
    shells_open: int
    commands_running: int
    commands_ever: int
    sends: int  # of stdin: one that came without its stdin waits for it until the shell's idle timeout


class Windows:
    """What all WinRM hosts of one lab share: the account, and where its password stands for the inventory."""

    def __init__(self, prefix: str) -> None:
        self._password = secrets.token_hex(12)
        self.variable = f"NETLAB_{prefix.upper()}_{os.getpid()}_{next(_numbers)}"
        os.environ[self.variable] = self._password  # the suite is a child of whoever built the lab

    def close(self) -> None:
        """Forgets the password."""
        os.environ.pop(self.variable, None)

    def manage(self, address: str) -> dict[str, Any]:
        """A host's `manage` in an inventory."""
        return {
            "by": "winrm",
            "address": address,
            "port": PORT,
            "user": USER,
            "password": {"env": self.variable},
        }

    def url(self, address: str) -> str:
        """A host as testinfra's own WinRM backend is told of it; holds the password."""
        return f"winrm://{USER}:{self._password}@{address}:{PORT}?no_ssl=true"

    def daemon(self, host: LabHost, address: str, folder: Path) -> dict[str, Any]:
        """The endpoint of a host, as its first process is to start it."""
        settings = {
            "host": address,
            "port": PORT,
            "auth": ["ntlm"],
            "users": {USER: self._password},
            "commands": {"powershell.exe": [str(powershell())]},
            "environment": environment(host, folder),
            "cwd": "/",
            "stats_file": str(folder / STATS),
        }
        path = folder / "endpoint.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(settings), encoding="utf-8")
        argv = [sys.executable, "-m", "preflight.lab.wsman.serve", str(path)]
        return {"argv": argv, "env": {}, "cwd": str(CLONE), "log": str(folder / "endpoint.log")}


def environment(host: LabHost, folder: Path) -> dict[str, str]:
    """What makes PowerShell see this host as a Windows server: stand-ins, services, registry, culture."""
    registry, services = folder / "registry.json", folder / "services.json"
    registry.write_text(json.dumps(registry_of(host)), encoding="utf-8")
    services.write_text(json.dumps(services_of(host.services)), encoding="utf-8")
    found = {
        "PWSH_STANDINS": str(STANDINS),
        "PWSH_REGISTRY": str(registry),
        "PREFLIGHT_STANDIN_SERVICES": str(services),
        "DOTNET_EnableDiagnostics": "0",  # its sockets in /tmp bear process ids, which hosts have in common
        **lean_powershell.SETTINGS,  # every PowerShell of the lab, whoever asks it: all hosts share one machine
    }
    return found | ({"PWSH_CULTURE": host.culture} if host.culture else {})


def services_of(services: list[Service]) -> list[dict[str, Any]]:
    """The host's services as Windows would list them, its firewall's too; a lab process has the name of its service."""
    listed = [
        {"name": "MpsSvc", "display": "Firewall", "path": r"C:\Windows\svchost.exe", "process": "", "running": True}
    ]
    for service in services:
        if service.unit:
            path = f'"C:\\netlab\\{service.name}.exe"'
            known = {"name": service.name, "display": service.name, "path": path, "process": service.name}
            listed.append({**known, "running": service.running})
    return listed


def registry_of(host: LabHost) -> dict[str, Any]:
    """The keys that are read of a server: which Windows it is, and a firewall that lets everything in."""
    policy = r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
    on = {"EnableFirewall": 1, "DefaultInboundAction": 0, "DefaultOutboundAction": 0}
    keys: Mapping[str, Any] = {
        r"SOFTWARE\Microsoft\Windows NT\CurrentVersion": {
            "ProductName": "Windows Server 2019 Standard",
            "CurrentVersion": "6.3",
            "CurrentMajorVersionNumber": 10,
            "CurrentMinorVersionNumber": 0,
            "CurrentBuildNumber": "17763",
            "UBR": 5329,
            "InstallationType": "Server",
        },
        r"SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName": {"ComputerName": host.name.upper()},
        **{
            rf"SYSTEM\CurrentControlSet\Services\{one['name']}": {
                "Type": 0x10,  # a process of its own
                "DisplayName": one["display"],
                "ImagePath": one["path"],
            }
            for one in services_of(host.services)
        },
        **{rf"{policy}\{name}Profile": on for name in ("Domain", "Standard", "Public")},
        rf"{policy}\FirewallRules": {"everything": "v2.30|Action=Allow|Active=TRUE|Dir=In|Name=everything|"},
    }
    return {"HKLM": dict(keys)}


def await_winrm(address: str, within_s: float = 20) -> None:
    """Returns when something listens on WinRM's port of an address; raises TimeoutError."""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        try:
            socket.create_connection((address, PORT), timeout=2).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"no WinRM endpoint answers on {address}")


def counts(folder: Path) -> Counts:
    """What a host's endpoint has counted, from the file that it keeps, once that has come to rest."""
    path, before = folder / STATS, ""
    while (text := path.read_text(encoding="utf-8")) != before:
        before = text
        time.sleep(0.1)
    told = json.loads(text)
    return Counts(
        operations=sum(one["count"] for one in told["operations"]),
        requests=sum(told["requests"].values()),
        shells_ever=sum(told["shells_ever"].values()),
        shells_open=sum(told["shells_open"].values()),
        commands_running=sum(told["commands_running"].values()),
        commands_ever=sum(told["commands_ever"].values()),
        sends=sum(one["count"] for one in told["operations"] if one["operation"] == "Send"),
    )
