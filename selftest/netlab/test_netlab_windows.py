"""WinRM hosts of the lab: a PowerShell that sees its own namespace only, counted, and gone with its host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import testinfra

from netlab import LabHost, LabSpec, NetLab, Service, available, windows
from netlab.watching import observe

REASON = available() or windows.missing()
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(REASON is not None, reason=str(REASON)),
    # What testinfra's own backend does where the environment names a CA bundle.
    pytest.mark.filterwarnings("ignore:'pywinrm' will use an environment variable:DeprecationWarning"),
]
ASK = 'powershell -NoProfile -NonInteractive -Command "{}"'
PROCESSES = "(Get-Process | ForEach-Object { $_.ProcessName }) -join ' '"
LISTENERS = (
    "([Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpListeners()"
    " | ForEach-Object { $_.Port } | Sort-Object) -join ' '"
)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetLab]:
    product = Service("YSoftSafeQCML", [("tcp", 5012)])
    dead = Service("YSoftSafeQORS", [("tcp", 5013)], running=False)
    hosts = [
        LabHost("w1", "10.77.1.11", "n", True, [product, dead], "winrm", "cs-CZ"),
        LabHost("w2", "10.77.1.12", "n", manage="winrm"),
        LabHost("s1", "10.77.1.13", "n", services=[Service("sshd-side", [("tcp", 5014)])]),
    ]
    with NetLab(LabSpec(hosts, {"n": "10.77.1.0/24"}, prefix="nwin"), tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def ask(lab: NetLab, host: str, code: str) -> str:
    """What PowerShell says there, asked by testinfra's own WinRM backend."""
    assert lab.windows is not None
    machine: Any = testinfra.get_host(lab.windows.url(lab.mgmt_address(host)))
    done = machine.run(ASK.format(code))
    assert done.rc == 0, done.stderr
    return str(done.stdout).strip()


def test_powershell_sees_its_own_host_only(mixed: NetLab) -> None:
    seen = ask(mixed, "w1", PROCESSES).split()
    assert "YSoftSafeQCML" in seen
    assert "sshd-side" not in seen
    assert ask(mixed, "w1", LISTENERS) == "5012 5985"
    assert ask(mixed, "w2", LISTENERS) == "5985"
    assert "YSoftSafeQCML" not in ask(mixed, "w2", PROCESSES)
    assert ask(mixed, "w1", "(hostname) + ' ' + (1.5).ToString()") == "w1 1,5"
    assert ask(mixed, "w2", "(1.5).ToString()") == "1.5"


def test_flows_reach_winrm_hosts_and_leave_from_them(mixed: NetLab) -> None:
    asked = [("tcp", "w1", 5012), ("tcp", "w1", 5013), ("tcp", "s1", 5014)]
    assert observe(mixed, "w2", asked) == ["accepted", "ECONNREFUSED rst", "accepted"]
    assert observe(mixed, "s1", asked[:2]) == ["accepted", "ECONNREFUSED rst"]
    assert observe(mixed, "s1", [("tcp", mixed.mgmt_address("w1"), 5985)]) != ["accepted"]


def test_requests_and_shells_are_counted(mixed: NetLab) -> None:
    before = mixed.winrm_counts("w2")
    ask(mixed, "w2", "1")
    after = mixed.winrm_counts("w2")
    assert after.shells_ever == before.shells_ever + 1
    assert after.shells_open == after.commands_running == 0
    assert after.operations - before.operations >= 5  # create, command, receive, signal, delete
    assert after.requests - before.requests > after.operations - before.operations  # and NTLM's handshake


def test_the_password_is_in_the_environment_alone(mixed: NetLab) -> None:
    manage = mixed.inventory_hosts()["w1"]["manage"]
    assert manage["by"] == "winrm"
    password = os.environ[manage["password"]["env"]]
    assert password not in str(mixed.inventory_hosts())
    assert not any(password in " ".join(argv) for argv in mixed.processes("w1"))


def test_only_what_was_asked_for_is_left_over(mixed: NetLab) -> None:
    assert mixed.leftovers("w1") == []
    assert mixed.leftovers("w2") == []


def test_windows_hosts_know_their_services() -> None:
    told = windows.services_of([Service("YSoftSafeQCMLDBS"), Service("plain", unit=False)])
    assert [(one["name"], one["running"]) for one in told] == [("MpsSvc", True), ("YSoftSafeQCMLDBS", True)]
    with pytest.raises(ValueError, match="culture"):
        LabSpec([LabHost("a", "10.77.1.2", "n", culture="cs-CZ")], {"n": "10.77.1.0/24"})
