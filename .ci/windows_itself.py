"""Runs the suite against this very Windows over WinRM, and holds the report to what only a real one can show.

    python .ci/windows_itself.py ADDRESS USER        the password is in the environment: WINDOWS_ITSELF_PASSWORD

One machine plays two: a CML that is asked, and a workstation that asks it. Exit code 0 when the agents were reached,
every fact could be read and a temporary listener was heard; what was wrong otherwise. Needs nothing but the suite.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CLONE = Path(__file__).resolve().parents[1]
PASSWORD = "WINDOWS_ITSELF_PASSWORD"  # noqa: S105 - the variable's name
FACTS = {"system", "addresses", "listeners", "sockets", "services", "time", "firewall"}  # every Windows tells these
# Documentation's own network: the workstation only asks, nobody asks it.
INVENTORY = """\
customer: Preflight
site: Windows itself
manage: {{by: winrm, port: 5985, user: {user}, password: {{env: {password}}}}}
features: {{cluster: false, workstation_client: {{protocol_level: 3}}}}
hosts:
  cml1: {{roles: [cml, ts], address: {address}}}
  ws1: {{roles: [workstation], address: 192.0.2.10, servers: [cml1], manage: {{address: {address}}}}}
"""


def main(arguments: list[str]) -> int:
    """Run, look, say."""
    address, user = arguments
    with tempfile.TemporaryDirectory() as folder:
        inventory = Path(folder, "inventory.yaml")
        inventory.write_text(INVENTORY.format(address=address, user=user, password=PASSWORD), encoding="utf-8")
        done = subprocess.run([sys.executable, "-m", "pytest", f"--inventory={inventory}"], cwd=CLONE, check=False)
        runs = sorted(Path(folder, "reports").glob("2*"))
        if not runs:
            print(f"no report; the suite ended with {done.returncode}")
            return 1
        run = json.loads((runs[-1] / "run.json").read_text("utf-8"))
        observed = json.loads((runs[-1] / "observations.json").read_text("utf-8"))["observations"]
    wrong = [*wrong_hosts(observed), *wrong_cases(run)]
    print("\n".join(wrong or ["the agents work on this Windows"]))
    return int(bool(wrong))


def wrong_hosts(observed: dict[str, Any]) -> list[str]:
    """Hosts that were not reached, and facts that could not be read."""
    found = []
    for name, host in observed["hosts"].items():
        if not host["reached"]:
            found.append(f"{name} was not reached: {host['cause']}")
        for fact, told in host["facts"].items():
            print(f"{name}: {fact}: {told['status']} in {told['took_ms']:.0f} ms {told['detail']}")
            if fact in FACTS and told["status"] != "ok":
                found.append(f"{name}: fact {fact}: {told['status']}: {told['detail']}")
    return found


def wrong_cases(run: dict[str, Any]) -> list[str]:
    """Nothing is installed here: the way from ws1 to cml1 must have been proven by a listener at least once."""
    passed = [c["id"] for c in run["cases"] if c["outcome"] == "passed" and c["source"] == "ws1"]
    print(f"passed from ws1: {', '.join(passed) or 'none'}")
    return [] if passed else ["no temporary listener on cml1 was heard"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
