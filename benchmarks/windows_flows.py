"""Times WinRM hosts: the suite, the same site over SSH, and the same checks the plain testinfra way, in one run.

    sudo .venv/bin/python benchmarks/windows_flows.py           5 hosts, 125 host checks, 700 TCP flows, 2 % dropped
    sudo .venv/bin/python benchmarks/windows_flows.py --small   3 hosts, for a look at whether it works

Linux and root only, with a PowerShell that takes stand-ins (selftest/netlab/windows.py says which). Prints wall times
and ratios; judges nothing. Nothing is sampled: the plain side asks every flow and every check that the suite asks.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

CLONE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CLONE), str(CLONE / "selftest"), str(CLONE / "benchmarks")]

from flows import PLAIN, Size, catalogue, inventory, plain_plan, rules, serve, several, spec, suite, timed  # noqa: E402
from netlab import windows  # noqa: E402
from netlab.lab import NetLab  # noqa: E402


def over_ssh(size: Size, folder: Path, runs: int, timeout: float) -> float:
    """Median wall seconds of the suite on SSH hosts."""
    with NetLab(spec(size), folder / "lab") as lab:
        lab.rules(rules(size))
        command = suite(inventory(lab, folder), catalogue(size, folder / "rows"), timeout)
        return several(runs, "the suite, SSH hosts", lambda: timed(command))


def over_winrm(size: Size, folder: Path, runs: int, timeout: float, plainly: bool) -> tuple[float, float]:
    """Median wall seconds of the suite on WinRM hosts; wall seconds of the plain checks there, 0 when left out."""
    with NetLab(spec(size, "winrm"), folder / "lab") as lab:
        lab.rules(rules(size))
        command = suite(inventory(lab, folder), catalogue(size, folder / "rows"), timeout)
        before = lab.winrm_counts(size.names[0])
        ours = several(runs, "the suite, WinRM hosts", lambda: timed(command))
        after = lab.winrm_counts(size.names[0])
        print(
            f"  a host and run: {(after.operations - before.operations) / runs:.0f} WinRM requests, "
            f"{(after.requests - before.requests) / runs:.0f} HTTP requests"
        )
        if not plainly:
            return ours, 0.0
        serve(size, lab)
        plan = {"PLAIN_PLAN": str(plain_plan(size, lab, timeout, folder / "plan.json"))}
        plain = [*PLAIN, "benchmarks/plain/test_plain_windows.py"]
        return ours, several(1, "plain testinfra over WinRM, serial", lambda: timed(plain, plan))


def main() -> None:
    """Build the hosts twice, run everything, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--hosts", type=int, default=5)
    parser.add_argument("--ports", type=int, default=35, help="flows of each pair of hosts")
    parser.add_argument("--runs", type=int, default=3, help="runs of the suite (the plain ones run once)")
    parser.add_argument("--probe-timeout", type=float, default=5.0)
    parser.add_argument("--without-plain", action="store_true")
    told = parser.parse_args()
    if reason := windows.missing():
        sys.exit(reason)
    size = Size(3, 5, 5, 0.1) if told.small else Size(told.hosts, told.ports, 25, 0.02)
    print(
        f"{size.hosts} hosts, {size.hosts * size.checks} host checks, {len(size.flows)} flows, "
        f"{len(size.drops())} dropped"
    )
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, kind) for kind in ("ssh", "winrm")]
        for folder in folders:
            folder.mkdir()
        ssh = over_ssh(size, folders[0], told.runs, told.probe_timeout)
        ours, plain = over_winrm(size, folders[1], told.runs, told.probe_timeout, not told.without_plain)
    print(f"suite over WinRM / suite over SSH: {ours / ssh:.2f}")
    if plain:
        print(f"plain over WinRM / suite over WinRM: {plain / ours:.1f}")


if __name__ == "__main__":
    main()
