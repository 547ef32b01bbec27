"""Hosts of the lab: services, management over SSH, and what of it all is left when a lab ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netlab import NetLab, Rule, Service, available, ground
from netlab.watching import PORTS, observe, spec, ssh, talk

pytestmark = [pytest.mark.real, pytest.mark.skipif(available() is not None, reason=str(available()))]


def test_installed_dead_and_stopped_services(lab: NetLab) -> None:
    names = {argv[0] for argv in lab.processes("s2")}
    assert {"YSoftSafeQCML", "plain", "echo"} <= names
    assert ("tcp", 5012) in lab.listeners("s2")
    assert "YSoftSafeQCML.service" in lab.run("s2", ["ls", "/etc/systemd/system"]).stdout.split()
    assert lab.run("s2", ["cat", "/etc/systemd/system/YSoftSafeQORS.service"]).returncode != 0  # each has its own

    assert "YSoftSafeQORS.service" in lab.run("p2", ["ls", "/etc/systemd/system"]).stdout.split()
    assert "YSoftSafeQORS" not in {argv[0] for argv in lab.processes("p2")}
    assert observe(lab, "s1", [("tcp", "p2", 5013), ("tcp", "s2", 5012)]) == ["ECONNREFUSED rst", "accepted"]

    lab.stop("s2", "YSoftSafeQCML")
    assert ("tcp", 5012) not in lab.listeners("s2")
    lab.serve("s2", Service("YSoftSafeQCML", [("tcp", 5012)]))
    assert ("tcp", 5012) in lab.listeners("s2")


def test_listeners_speak_as_they_should(lab: NetLab) -> None:
    assert talk(lab, "tcp", 80, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200")
    assert talk(lab, "tcp", 25, b"").startswith(b"220 ")
    assert talk(lab, "tcp", 81, b"") == b""
    clock = int.from_bytes(talk(lab, "udp", 37, b"x"), "big") - 2_208_988_800
    assert abs(clock - time.time()) < 5
    one = talk(lab, "udp", 1434, b"\x04safeq\0")
    assert one[0] == 5
    assert int.from_bytes(one[1:3], "little") == len(one) - 3
    assert one[3:] == b"ServerName;c1;InstanceName;SAFEQ;IsClustered;No;Version;15.0.2000.5;tcp;1433;;"
    assert talk(lab, "udp", 1434, b"\x03").count(b"InstanceName;") == 2
    get = "302902010104067075626c6963a01c0204000000010201000201003" + "00e300c06082b060102010105000500"
    assert b"c1" in talk(lab, "udp", 161, bytes.fromhex(get))


def test_ssh_by_name_and_address_is_counted(lab: NetLab) -> None:
    before = lab.ssh_connections("s1"), lab.ssh_sessions("s1")
    assert ssh(lab, "s1", "hostname").stdout == "s1\n"
    manage = lab.inventory_hosts()["s1"]["manage"]
    assert ssh(lab, manage["address"], "id -un").stdout == "root\n"
    assert (lab.ssh_connections("s1"), lab.ssh_sessions("s1")) == (before[0] + 2, before[1] + 2)
    assert lab.inventory_hosts()["p1"]["manage"] == "none"


def test_leftovers_are_what_nobody_of_the_lab_started(lab: NetLab) -> None:
    assert lab.leftovers("s1") == []
    ssh(lab, "s1", "sleep 314 >/dev/null 2>&1 </dev/null &")
    ends = time.monotonic() + 5  # its shell and sshd's session take a moment to leave
    while len(lab.leftovers("s1")) > 1 and time.monotonic() < ends:
        time.sleep(0.02)
    assert lab.leftovers("s1") == [["sleep", "314"]]
    lab.run("s1", ["pkill", "sleep"])  # inside the host's own process namespace
    while lab.leftovers("s1") and time.monotonic() < ends + 5:  # a signal takes a moment on a busy machine
        time.sleep(0.02)
    assert lab.leftovers("s1") == []


def reachable(address: str) -> bool:
    try:
        socket.create_connection((address, 22), timeout=1).close()
    except OSError:
        return False
    return True


def test_cut_and_mend_touch_management_only(lab: NetLab) -> None:
    lab.rules([Rule("drop"), Rule("drop", where="host")])
    assert ssh(lab, "s2", "true").returncode == 0  # filters never cut management
    lab.rules([])
    lab.cut("s2")
    try:
        assert not reachable(lab.mgmt_address("s2"))
        assert observe(lab, "s1", [("tcp", "s2", PORTS[0])]) == ["accepted"]
    finally:
        lab.mend("s2")
    assert ssh(lab, "s2", "true").returncode == 0
    assert observe(lab, "s1", [("tcp", lab.mgmt_address("s2"), 22)]) != ["accepted"]  # no way round over management


def traces(prefix: str) -> list[str]:
    return [*ground.labelled(prefix).values(), *ground.links(prefix)]


def until_gone(prefix: str) -> list[str]:
    """Traces that are still there after a while: the kernel takes a moment to dismantle a namespace."""
    ends = time.monotonic() + 10
    while traces(prefix) and time.monotonic() < ends:
        time.sleep(0.02)
    return traces(prefix)


def test_nothing_stays_after_the_end_or_an_error(tmp_path: Path) -> None:
    with NetLab(spec("nend"), tmp_path) as lab:
        first, second = lab.machines["s1"].pid, lab.machines["router"].pid
        assert len(traces("nend")) == 1 + 2 * 6
        with NetLab(spec("nend"), tmp_path / "beside") as other:  # two at once: each has its own management
            assert lab.mgmt_address("s1") != other.mgmt_address("s1")
    assert not traces("nend")
    assert not Path(f"/proc/{first}").exists()
    assert not Path(f"/proc/{second}").exists()
    with pytest.raises(ValueError, match="nowhere"), NetLab(spec("nend", [Rule("drop", "nowhere")]), tmp_path):
        pass
    assert not traces("nend")


OWNER = """
import os, sys, time
from pathlib import Path
sys.path[:0] = {path!r}
from netlab import LabHost, LabSpec, NetLab
hosts = [LabHost("a", "10.77.1.11", "n"), LabHost("b", "10.77.1.12", "n")]
with NetLab(LabSpec(hosts, {{"n": "10.77.1.0/24"}}, prefix={prefix!r}), Path({work!r})):
    if {keep!r} and not os.fork():
        time.sleep(60)
        os._exit(0)
    print("built", flush=True)
    time.sleep(60)
"""


def killed_owner(prefix: str, work: Path, keep: bool) -> None:
    """Builds a lab in another process and kills that; `keep`: a child of it still holds the pipes to the hosts."""
    code = OWNER.format(path=[str(Path(__file__).parents[1])], prefix=prefix, work=str(work), keep=keep)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        assert owner.stdout.readline() == "built\n"
        assert len(traces(prefix)) == 7
        os.kill(owner.pid, signal.SIGKILL)


def test_a_killed_owner_takes_its_lab_along(tmp_path: Path) -> None:
    killed_owner("nkilla", tmp_path, keep=False)
    assert until_gone("nkilla") == []


def test_leftovers_of_a_dead_owner_are_removed_before_building(tmp_path: Path) -> None:
    killed_owner("nkillb", tmp_path, keep=True)
    assert len(ground.labelled("nkillb")) == 6
    ground.remove_leftovers("nkillb")
    assert until_gone("nkillb") == []
