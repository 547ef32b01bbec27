"""Times the suite against the same checks written the plain testinfra way, in one run, on the same namespaces.

    sudo .venv/bin/python benchmarks/flows.py            8 hosts, 200 host checks, 1,120 TCP flows, 2 % dropped
    sudo .venv/bin/python benchmarks/flows.py --small    3 hosts, for a look at whether it works

Linux and root only (network namespaces). Prints wall times and ratios; judges nothing.
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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLONE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CLONE), str(CLONE / "selftest")]

from netlab.lab import NetLab  # noqa: E402
from netlab.spec import LabHost, LabSpec, Manage, Rule, Service  # noqa: E402
from ruamel.yaml import YAML  # noqa: E402

FIRST_FLOW_PORT, FIRST_CHECK_PORT = 21000, 23000
PLAIN = [sys.executable, "-m", "pytest", "-c", "benchmarks/plain/pytest.ini", "--tb=no"]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked: flows = hosts x (hosts - 1) x ports, host checks = hosts x checks."""

    hosts: int
    ports: int
    checks: int
    dropped: float

    @property
    def names(self) -> list[str]:
        """Names of the hosts."""
        return [f"h{i}" for i in range(self.hosts)]

    @property
    def flows(self) -> list[tuple[str, str, int]]:
        """Every flow: source, destination, port."""
        ports = range(FIRST_FLOW_PORT, FIRST_FLOW_PORT + self.ports)
        return [(a, b, p) for a in self.names for b in self.names if a != b for p in ports]

    def drops(self) -> list[tuple[str, str, int]]:
        """The flows that are dropped, spread evenly over all."""
        flows, count = self.flows, round(len(self.flows) * self.dropped)
        return [flows[i * len(flows) // count] for i in range(count)] if count else []


def spec(size: Size, manage: Manage = "ssh") -> LabSpec:
    """Each host in a network of its own, so that every flow crosses the router."""
    hosts = [LabHost(name, f"10.77.{i + 1}.10", f"n{i}", manage=manage) for i, name in enumerate(size.names)]
    return LabSpec(hosts, {f"n{i}": f"10.77.{i + 1}.0/24" for i in range(size.hosts)}, prefix="bench")


def rules(size: Size, all_dropped: bool = False) -> list[Rule]:
    """What the router does."""
    if all_dropped:
        ports = (FIRST_FLOW_PORT, FIRST_FLOW_PORT + size.ports - 1)
        return [Rule("drop", "any", "any", "tcp", (ports,))]
    return [Rule("drop", a, b, "tcp", (p,)) for a, b, p in size.drops()]


def catalogue(size: Size, folder: Path) -> Path:
    """The same checks as rows: another port table is another folder of YAML."""
    folder.mkdir()
    words = {"requirement": "The port is open.", "remedy": "Open it.", "purpose": "benchmark"}

    def row(row_id: str, port: int, pair: dict[str, Any], **more: Any) -> dict[str, Any]:
        ends = {"from": ["CML"], "to": ["CML"]}
        shape = {"protocol": "tcp", "ports": [port], "notation": "one", "served_by": "product", "level": "mandatory"}
        return {"id": row_id, **shape, **ends, **words, "pair": pair, **more}

    each = {"kind": "each", "from": ["cml"], "to": ["cml"]}
    same = {"kind": "same_host", "from": ["localhost"], "to": ["cml"]}
    sections = {
        "inter_server": [row(f"F{i:02}", FIRST_FLOW_PORT + i, each) for i in range(size.ports)],
        "other": [row(f"H{i:02}", FIRST_CHECK_PORT + i, same) for i in range(size.checks)],
    }
    product = {"product": "bench", "version": "1", "revision": 1, "services": ["Bench.*"], "source": "benchmark"}
    YAML().dump(product, folder / "product.yaml")
    for section, found in sections.items():
        YAML().dump({"section": section, "rows": found}, folder / f"{section}.yaml")
    return folder


def inventory(lab: NetLab, folder: Path) -> Path:
    """The hosts as CML machines."""
    hosts = {name: {**host, "roles": ["cml"]} for name, host in lab.inventory_hosts().items()}
    path = folder / "inventory.yaml"
    YAML().dump({"customer": "Benchmark", "site": "Benchmark", "manage": {"by": "ssh"}, "hosts": hosts}, path)
    return path


def plain_plan(size: Size, lab: NetLab, timeout: float, path: Path) -> Path:
    """What the plain suite is to ask: one command a check."""
    found = lab.inventory_hosts()
    ways: dict[str, dict[str, str]] = {n: {"url": f"ssh://{n}", "ssh_config": str(lab.ssh_config)} for n in size.names}
    if lab.windows:
        ways = {n: {"url": lab.windows.url(lab.mgmt_address(n))} for n in size.names}
    plan = {
        "hosts": ways,
        "flows": [[a, found[b]["address"], p, timeout] for a, b, p in size.flows],
        "checks": [[n, "port-free", FIRST_CHECK_PORT + i] for n in size.names for i in range(size.checks)],
    }
    path.write_text(json.dumps(plan), "utf-8")
    return path


def serve(size: Size, lab: NetLab) -> None:
    """A listener at the end of every flow, which the plain checks cannot do without."""
    ports: list[Any] = [("tcp", FIRST_FLOW_PORT + i) for i in range(size.ports)]
    for host in size.names:
        lab.serve(host, Service("plain", ports, unit=False))


def suite(site: Path, rows: Path, probe_timeout: float) -> list[str]:
    """The suite's command."""
    command = [sys.executable, "-m", "pytest", "-q", f"--inventory={site}", f"--catalogue={rows}"]
    return [*command, f"--probe-timeout={probe_timeout:g}", "tests/flows"]


def timed(command: Sequence[str], env: dict[str, str] | None = None) -> tuple[float, str]:
    """Wall seconds of a command, and the last line that it said."""
    # As a user's: some build machines forbid Python to keep what it compiled, which would slow both sides down.
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.monotonic()
    done = subprocess.run(command, cwd=CLONE, env={**given, **(env or {})}, capture_output=True, text=True, check=False)
    told = [line for line in done.stdout.splitlines() if " in " in line and ("passed" in line or "failed" in line)]
    if not told:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return time.monotonic() - start, told[-1].strip("= ")


def several(times: int, what: str, run: Callable[[], tuple[float, str]]) -> float:
    """Median of some runs, each printed."""
    walls = []
    for _ in range(times):
        wall, told = run()
        walls.append(wall)
        print(f"  {what:34} {wall:7.1f} s   {told}", flush=True)
    return statistics.median(walls)


def main() -> None:
    """Build the hosts, run everything, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--runs", type=int, default=3, help="runs of the suite (the plain ones run once)")
    parser.add_argument("--probe-timeout", type=float, default=5.0)
    parser.add_argument("--without-plain", action="store_true")
    told = parser.parse_args()
    size = Size(3, 5, 5, 0.1) if told.small else Size(8, 20, 25, 0.02)
    print(
        f"{size.hosts} hosts, {size.hosts * size.checks} host checks, {len(size.flows)} flows, "
        f"{len(size.drops())} dropped"
    )
    with tempfile.TemporaryDirectory() as name, NetLab(spec(size), Path(name) / "lab") as lab:
        folder = Path(name)
        site, rows = inventory(lab, folder), catalogue(size, folder / "rows")
        command = suite(site, rows, told.probe_timeout)
        connect = statistics.median(timed_ssh(lab, host) for host in size.names)
        lab.rules(rules(size))
        ours = several(told.runs, "the suite", lambda: timed(command))
        lab.rules(rules(size, all_dropped=True))
        dropped = several(told.runs, "the suite, all flows dropped", lambda: timed(command))
        bound = connect + told.probe_timeout
        print(f"one connection set up: {connect:.2f} s; suite / (set-up + one timeout): {ours / bound:.2f}")
        print(
            f"all dropped - {size.dropped:.0%} dropped: {dropped - ours:+.1f} s "
            f"(one timeout is {told.probe_timeout:g} s)"
        )
        if told.without_plain:
            return
        lab.rules(rules(size))
        serve(size, lab)
        plan = {"PLAIN_PLAN": str(plain_plan(size, lab, told.probe_timeout, folder / "plan.json"))}
        plain = [*PLAIN, "benchmarks/plain/test_plain.py"]
        eight = several(1, "plain testinfra, -n 8", lambda: timed([*plain, "-n", "8"], plan))
        serial = several(1, "plain testinfra, serial", lambda: timed(plain, plan))
        print(f"serial / suite: {serial / ours:.1f}   -n 8 / suite: {eight / ours:.1f}")


def timed_ssh(lab: NetLab, host: str) -> float:
    """One connection set up and used: what nothing can go below."""
    start = time.monotonic()
    manage = lab.inventory_hosts()[host]["manage"]
    login = f"{manage['user']}@{manage['address']}"
    command = ["ssh", "-F", manage["ssh_config"], "-i", manage["key_file"], "-o", "ControlPath=none", login, "true"]
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - start


if __name__ == "__main__":
    main()
