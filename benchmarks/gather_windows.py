"""Times the PowerShell gather agent on recorded Windows servers: the standing facts and all reads of a CML's items.

    sudo .venv/bin/python benchmarks/gather_windows.py              each of six servers, twice
    sudo .venv/bin/python benchmarks/gather_windows.py --runs 5     five times each
    sudo .venv/bin/python benchmarks/gather_windows.py --settled    .NET's own settings, as nobody changes them

Linux and root only, with a PowerShell beside the checkout or on the PATH. Registry and management interface are
stand-ins that answer at once, so this is what the agent itself costs, and no figure of a Windows host. A time is one
process, from its start to its end, without the making of the namespace that it runs in. .NET compiles as the self-tests
have it (selftest/lean_powershell.py): a process that lives for a second is the slower for every optimisation.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CLONE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CLONE), str(CLONE / "selftest"), str(CLONE / "selftest" / "powershell")]

import lean_powershell  # noqa: E402
from gather_run import powershell  # noqa: E402
from ruamel.yaml import YAML  # noqa: E402
from world_files import inventory, windows_worlds  # noqa: E402
from world_run import told_by  # noqa: E402

from preflight.topology.loader import load_inventory  # noqa: E402

TARGET_S = 1.5
# Runs a command and notes how long it took: NOTE COMMAND...
TIMER = """
import subprocess, sys, time
begun = time.monotonic()
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as out:
    out.write(str(time.monotonic() - begun))
sys.exit(code)
"""


def start() -> float:
    """Seconds that the engine takes to do nothing: no agent can be quicker."""
    begun = time.monotonic()
    subprocess.run([powershell(), "-NoProfile", "-NonInteractive", "-Command", "exit 0"], check=True)
    return time.monotonic() - begun


def main() -> None:
    """Ask each server some times, print least, median and most."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--settled", action="store_true")
    told = parser.parse_args()
    if not told.settled:
        for name, value in lean_powershell.SETTINGS.items():
            os.environ.setdefault(name, value)
    servers = [world for world in windows_worlds() if "," not in world.name]  # the rest have something amiss
    times: list[float] = []
    starts: list[float] = []
    facts = 0
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "site").mkdir()
        YAML().dump(inventory(), base / "site" / "inventory.yaml")
        site = load_inventory(base / "site" / "inventory.yaml")
        note = base / "seconds"
        for turn in range(told.runs):
            for world in servers:
                folder = base / f"{world.name}-{turn}"
                folder.mkdir()
                host = told_by(world, "cml1", site, folder, (sys.executable, "-S", "-c", TIMER, str(note)))
                times.append(float(note.read_text(encoding="ascii")))
                starts.append(start())
                facts = len(host.facts)
    load = os.getloadavg()[0]
    print(f"{facts} facts and reads of {len(servers)} recorded servers, {told.runs} runs each; load {load:.1f}")
    print(f"  PowerShell alone   least {min(starts):.2f} s, median {statistics.median(starts):.2f} s")
    print(f"  the gather         least {min(times):.2f} s, median {statistics.median(times):.2f} s", end="")
    print(f", most {max(times):.2f} s (allowed: {TARGET_S:g} s)")
    print(f"  within it          {sum(one < TARGET_S for one in times)} of {len(times)}")


if __name__ == "__main__":
    main()
