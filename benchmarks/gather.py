"""Times what a CML server is asked before any port: the standing facts and all reads of its checklist items, over SSH.

    sudo .venv/bin/python benchmarks/gather.py           seven runs, each with an SSH connection of its own
    sudo .venv/bin/python benchmarks/gather.py --runs 20

Linux and root only (a network namespace with an sshd). The reads are those that the plan of such a site asks. A Linux
host answers the Windows ones (registry, CIM) with `absent` at once, so this says nothing of a Windows host.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLONE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CLONE), str(CLONE / "selftest")]

from netlab.lab import NetLab  # noqa: E402
from netlab.spec import LabHost, LabSpec, Service  # noqa: E402
from ruamel.yaml import YAML  # noqa: E402

from preflight.agents.contract import Gather, Hello  # noqa: E402
from preflight.agents.reads import Read  # noqa: E402
from preflight.agents.scripts import agent_script, bootstrap_command  # noqa: E402
from preflight.catalogue.loader import load_catalogue  # noqa: E402
from preflight.facts.registry import reads_for  # noqa: E402
from preflight.plan.build import build_plan  # noqa: E402
from preflight.topology.loader import load_inventory  # noqa: E402
from preflight.transports.quoting import remote_command  # noqa: E402

TARGET_S = 1.5
PORTS = range(20000, 20200)  # what the host listens on besides: a table to walk through


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of the whole process, the facts' own milliseconds by name, and how many of them a Linux host lacks."""

    whole_s: float
    took_ms: dict[str, float]
    absent: int


def spec() -> LabSpec:
    """Two CML servers, so that names and addresses of both are looked up; one is asked."""
    product = Service("YSoftSafeQCML", [("tcp", 4096), ("tcp", 9100), *(("tcp", port) for port in PORTS)])
    hosts = [LabHost("cml1", "10.77.1.11", "n", installed=True, services=[product]), LabHost("cml2", "10.77.1.12", "n")]
    return LabSpec(hosts, {"n": "10.77.1.0/24"}, prefix="gather")


def asked(lab: NetLab, folder: Path) -> tuple[Read, ...]:
    """What the plan asks of cml1 besides the standing facts, as the survey puts it together."""
    hosts = {name: {**host, "roles": ["cml"]} for name, host in lab.inventory_hosts().items()}
    file = folder / "inventory.yaml"
    features = {"database": "embedded", "print_server": True}
    site = {"customer": "Benchmark", "site": "Benchmark", "manage": {"by": "ssh"}, "features": features}
    YAML().dump({**site, "hosts": hosts}, file)
    cases = [case for case in build_plan(load_catalogue(), load_inventory(file)) if case.destination == "cml1"]
    wanted = {read.name: read for read in reads_for(sorted({fact for case in cases for fact in case.facts}))}
    wanted |= {read.name: read for case in cases for read in case.reads}
    return tuple(wanted.values())


def ssh(lab: NetLab, argv: Sequence[str]) -> list[str]:
    """A command on cml1 over a connection of its own."""
    manage: dict[str, Any] = lab.inventory_hosts()["cml1"]["manage"]
    way = ["ssh", "-F", manage["ssh_config"], "-i", manage["key_file"], "-o", "ControlPath=none"]
    return [*way, f"{manage['user']}@{manage['address']}", remote_command(argv)]


def gather(lab: NetLab, reads: tuple[Read, ...]) -> Run:
    """One agent: from the start of ssh until it has ended."""
    script = agent_script("gather")
    hello = Hello(heartbeat_s=None, life_s=60, finish=True)
    request = Gather(id="g", services=("YSoft.*",), reads=reads)
    feed = script + b"".join(line.model_dump_json().encode() + b"\n" for line in (hello, request))
    begun = time.monotonic()
    done = subprocess.run(
        ssh(lab, bootstrap_command("python3", script)), input=feed, capture_output=True, check=True, timeout=60
    )
    whole = time.monotonic() - begun
    facts = [event for line in done.stdout.splitlines() if (event := json.loads(line))["event"] == "fact"]
    if len(facts) != len(Gather(id="g").facts) + len(reads) or any(f["status"] in ("error", "timeout") for f in facts):
        sys.exit(f"not everything was told: {[(f['name'], f['status'], f['detail']) for f in facts]}")
    absent = sum(fact["status"] == "absent" for fact in facts)
    return Run(whole, {fact["name"]: fact["took_ms"] for fact in facts}, absent)


def connection(lab: NetLab) -> float:
    """What nothing over SSH can go below."""
    begun = time.monotonic()
    subprocess.run(ssh(lab, ["true"]), check=True, capture_output=True, timeout=60)
    return time.monotonic() - begun


def main() -> None:
    """Build the host, ask it some times, print minimum and median."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, NetLab(spec(), Path(name) / "lab") as lab:
        reads = asked(lab, Path(name))
        load = os.getloadavg()[0]
        connections = [connection(lab) for _ in range(told.runs)]
        runs = [gather(lab, reads) for _ in range(told.runs)]
    walls = [run.whole_s for run in runs]
    facts = len(Gather(id="g").facts)
    print(f"{facts} facts and {len(reads)} reads, {runs[0].absent} of them absent on Linux; {told.runs} runs")
    print(f"  load of this machine   {load:.1f}")
    print(f"  one SSH connection     least {min(connections):.2f} s, median {statistics.median(connections):.2f} s")
    print(f"  the gather, with one   least {min(walls):.2f} s, median {statistics.median(walls):.2f} s", end="")
    print(f", most {max(walls):.2f} s (allowed: {TARGET_S:g} s)")
    middle = sorted(runs, key=lambda run: run.whole_s)[len(runs) // 2].took_ms
    slowest = sorted(middle, key=lambda fact: middle[fact], reverse=True)[:4]
    print("  slowest in the middle run: " + ", ".join(f"{fact} {middle[fact]:.0f} ms" for fact in slowest))


if __name__ == "__main__":
    main()
