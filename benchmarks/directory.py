"""Times how long it takes to read and judge a directory of 20,000 users, and the memory that it takes.

    .venv/bin/python benchmarks/directory.py             20,000 users in an OpenLDAP server of its own, five times
    .venv/bin/python benchmarks/directory.py --users 100000 --runs 1

Linux with slapd, no root. Each run is a fresh process that only asks; its peak is what the system says of it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CLONE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CLONE), str(CLONE / "selftest" / "directory")]

LIMIT_S, LIMIT_MB = 20, 200
STAFF_PART = 0.75


def main() -> None:
    """Load the users, ask some times, print time and memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--asked", nargs=2, metavar=("PORT", "CA"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.asked:
        ask_once(int(options.asked[0]), options.asked[1])
        return
    from paper_authority import Authority
    from planted_people import Company
    from slapd_server import LocalSlapd, why_not

    reason = why_not()
    if reason:
        sys.exit(reason)
    with tempfile.TemporaryDirectory(prefix="preflight-directory-") as name:
        folder = Path(name)
        authority = Authority(folder / "ca")
        papers = authority.issue("server", ["dc1.corp.example"])
        staff = int(options.users * STAFF_PART)
        company = Company(staff, options.users - staff)
        with LocalSlapd(folder / "server", company.ldif(), papers) as server:
            report([run(server.tls_port, authority.file) for _ in range(options.runs)])


def run(port: int, ca: Path) -> dict[str, float]:
    """One process that asks."""
    command = [sys.executable, __file__, "--asked", str(port), str(ca)]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    found: dict[str, float] = {**json.loads(done.stdout), "process_s": time.monotonic() - began}
    print(
        f"  {found['users']:.0f} users: {found['took_s']:6.2f} s asked, {found['process_s']:6.2f} s the whole process,"
        f" {found['peak_mb']:6.1f} MB at most, {found['before_mb']:.1f} MB of them before the first question",
        flush=True,
    )
    return found


def report(runs: list[dict[str, float]]) -> None:
    """Medians and worst, held against what is allowed for 20,000."""
    seconds, peak = [r["process_s"] for r in runs], [r["peak_mb"] for r in runs]
    print(f"median {statistics.median(seconds):.2f} s (allowed: {LIMIT_S}), worst {max(seconds):.2f} s")
    print(f"median {statistics.median(peak):.0f} MB (allowed: {LIMIT_MB}), worst {max(peak):.0f} MB")


def peak_mb() -> float:
    """The most memory that this process had (VmHWM: getrusage would count what the parent had, too)."""
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


def ask_once(port: int, ca: str) -> None:
    """Ask, and tell how long it took; in a process of its own, so that its peak is that of asking."""
    from asking import asked, described
    from planted_people import BRANCH, CARD, DEPARTMENT, ID, STAFF
    from slapd_server import PASSWORD, SERVICE

    from preflight.directory.options import AskOptions

    before = peak_mb()
    names = {"department": DEPARTMENT, "card": CARD, "id": ID}
    directory = described("openldap", port, containers=(STAFF, BRANCH), user=SERVICE, ca=ca, attributes=names)
    seen = asked(directory, PASSWORD, options=AskOptions(total_s=600))
    peak = peak_mb()
    if seen.users is None or not seen.users.complete:
        sys.exit("not all users could be read")
    told = {"users": seen.users.users, "took_s": seen.took_s, "peak_mb": peak, "before_mb": before}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
