"""A run of the suite that stands still in mid-survey, with its listeners open, and what is on the hosts meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from netlab import windows
from netlab.lab import NetLab
from netlab.spec import LabHost, LabSpec, Manage, Rule
from truth import truth_site

CLONE = Path(__file__).resolve().parents[2]
HOSTS = ("cml1", "cml2")
MANAGEMENT = {("tcp", 22), ("tcp", windows.PORT)}  # what listens on a host that nobody asks
AGENTS = {"ssh": 3, "winrm": 2}  # that run in mid-survey: over WinRM, gather has left by then


def spec(prefix: str, *kinds: Manage) -> LabSpec:
    """Two hosts. All probes are dropped, and so the survey stands still in the middle, with its listeners open."""
    first, second = kinds or ("ssh", "ssh")
    hosts = [
        LabHost("cml1", "10.77.1.11", "neta", manage=first),
        LabHost("cml2", "10.77.2.12", "netb", manage=second),
    ]
    networks = {name: truth_site.NETWORKS[name] for name in ("neta", "netb")}
    return LabSpec(hosts, networks, [Rule("drop", "any", "any", "tcp", ((1, 65535),))], prefix=prefix)


def begin(
    lab: NetLab, folder: Path, options: Sequence[str] = (), python_path: Path | None = None
) -> subprocess.Popen[str]:
    """The suite as an engineer starts it."""
    lines = ["customer: c", "site: s", "manage: {by: ssh}", "features: {cluster: true}", "hosts:"]
    for name, host in lab.inventory_hosts().items():
        lines.append(f"  {name}: {json.dumps({**host, 'roles': ['cml']})}")
    (folder / "inventory.yaml").write_text("\n".join(lines), "utf-8")
    command = [sys.executable, "-m", "pytest", f"--inventory={folder / 'inventory.yaml'}", "--probe-timeout=20"]
    env = {**os.environ, **({"PYTHONPATH": str(python_path)} if python_path else {})}
    return subprocess.Popen(
        [*command, *options], cwd=CLONE, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def start(lab: NetLab, folder: Path) -> subprocess.Popen[str]:
    """The suite, in the middle of its survey: all listeners stand, all agents run."""
    running = begin(lab, folder)
    try:
        until(lambda: all(in_the_middle(lab, h) for h in HOSTS) or running.poll() is not None, 40)
        assert running.poll() is None
    except AssertionError:
        running.kill()
        print(running.communicate()[0])
        raise
    return running


def in_the_middle(lab: NetLab, host: str) -> bool:
    """Do listeners of ours stand there, and run our agents, each with all that it is to do?"""
    manage = lab.spec.host(host).manage
    if len(temporary(lab, host)) <= 5 or len(lab.leftovers(host)) < AGENTS[manage]:
        return False
    told = lab.winrm_counts(host) if manage == "winrm" else None
    return told is None or told.sends >= told.commands_ever


def temporary(lab: NetLab, host: str) -> set[tuple[str, int]]:
    """Listeners of ours on a host."""
    return lab.listeners(host) - MANAGEMENT


def until(done: Callable[[], bool], limit_s: float, show: Callable[[], object] = lambda: "") -> float:
    """Seconds until it was done; fails past the limit, and says what `show` finds then."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < limit_s, f"not within {limit_s} s {show()}"
        time.sleep(0.1)
    return time.monotonic() - began


def silent(lab: NetLab) -> bool:
    """No listener of ours on any host."""
    return not any(temporary(lab, h) for h in HOSTS)


def clean(lab: NetLab) -> bool:
    """Neither listener nor process of ours on any host."""
    return silent(lab) and not any(lab.leftovers(h) for h in HOSTS)
