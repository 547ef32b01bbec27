"""The machine that the lab stands on: whether it can carry one, and what dead runs left behind."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from ipaddress import IPv4Network
from pathlib import Path

PROGRAMS = ("ip", "nft", "ss", "unshare", "nsenter", "mount", "ssh", "sshd", "ssh-keygen")
_TRIAL = """
table ip netlab {
  chain a { type nat hook prerouting priority dstnat; tcp dport 1 redirect to :2; }
  chain b { type filter hook forward priority filter; tcp dport 1 reject with tcp reset; }
  chain c { type nat hook postrouting priority srcnat; masquerade; }
}
"""


@functools.cache
def available() -> str | None:
    """Why no lab can be built here, for a skip; None when one can. Tries the kernel once."""
    if sys.platform != "linux":
        return "the namespace lab needs Linux"
    if os.geteuid() != 0:
        return "the namespace lab needs root"
    missing = [program for program in PROGRAMS if program_path(program) is None]
    if missing:
        return f"the namespace lab needs {', '.join(missing)}"
    trial = "mount -t proc proc /proc && ip link add name t0 type bridge && ip link add name t1 type veth && nft -f -"
    done = subprocess.run(
        ["unshare", "--pid", "--fork", "--mount", "--net", "--uts", "--cgroup", "sh", "-ec", trial],
        input=_TRIAL,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"this kernel cannot carry the namespace lab: {done.stderr.strip()}" if done.returncode else None


def program_path(program: str) -> str | None:
    """Where a program is; sshd and its like are often outside a user's PATH."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")


def started_at(pid: int) -> str | None:
    """When a process started, in the kernel's ticks: with the id it names one process for good. None: no process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state == "Z" else rest[18]


def label(prefix: str, name: str) -> str:
    """The argument by which a lab's processes are known, with the owner in it."""
    return f"netlab:{prefix}:{os.getpid()}:{started_at(os.getpid())}:{name}"


def labelled(prefix: str) -> dict[int, str]:
    """All lab processes of a prefix on this machine: process id -> label."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            arguments = (folder / "cmdline").read_bytes().rstrip(b"\0").decode("utf-8", "replace").split("\0")
            for argument in {arguments[0], arguments[-1]}:
                if argument.startswith(f"netlab:{prefix}:"):
                    found[int(folder.name)] = argument
    return found


def remove_leftovers(prefix: str) -> None:
    """Ends lab processes of this prefix whose owner is dead; their namespaces and links end with them."""
    doomed = []
    for pid, text in labelled(prefix).items():
        owner, start = text.split(":")[2:4]
        if started_at(int(owner)) != start:
            doomed.append(pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    ends = time.monotonic() + 5
    while any(started_at(pid) for pid in doomed) and time.monotonic() < ends:
        time.sleep(0.01)


def links(prefix: str) -> list[str]:
    """The lab's links in this namespace: one for each living lab."""
    return [name for name in _interfaces() if name.startswith(f"{prefix}-")]


def collides(network: IPv4Network, prefix: str) -> bool:
    """True when this machine already uses a part of `network`, otherwise than for a lab of this prefix."""
    shown = subprocess.run(["ip", "-j", "-4", "route", "show", "table", "all"], capture_output=True, check=True)
    for route in json.loads(shown.stdout):
        if route["dst"] == "default" or str(route.get("dev", "")).startswith(f"{prefix}-"):
            continue
        if IPv4Network(route["dst"], strict=False).overlaps(network):
            return True
    return False


def _interfaces() -> list[str]:
    return [folder.name for folder in Path("/sys/class/net").iterdir()]
