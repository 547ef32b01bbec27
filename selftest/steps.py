"""Lint, formatting, types, self-tests: every step runs, even after one has failed. `start.py selftest` calls this."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

# Much of what the tests wait for is a clock or another program, so more of them run than there are processors.
WORKERS = ["-n", "4", "--dist", "loadgroup"]
ROOT = Path(__file__).absolute().parent.parent
sys.path.insert(0, str(ROOT))

from start import run  # noqa: E402


def main(arguments: list[str]) -> int:
    """Run the steps; the exit code is that of the tests, or 1 when only another step failed."""
    quick = ["-m", "not real and not slow"] if "--quick" in arguments else []
    rest = [a for a in arguments if a != "--quick"]
    beside = [] if any(a.startswith(("-n", "--numprocesses")) for a in rest) else WORKERS
    paths = [a for a in rest if not a.startswith("-") and (ROOT / a.split("::")[0]).exists()]
    steps = {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "mypy": ["mypy"],
        "self-tests": ["pytest", "-c", "selftest/pytest.ini", *quick, *beside, *rest, *([] if paths else ["selftest"])],
    }
    # The tests start Python some thousand times. Where it may keep no compiled code, every start compiles all of ours.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # A shell has its background jobs ignore Ctrl-C, which what they start inherits; some tests press it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    lines, codes = [], []
    for name, command in steps.items():
        print(f"== {name}", flush=True)
        began = time.monotonic()
        codes.append(run([sys.executable, "-m", *command]))
        result = "ok" if codes[-1] == 0 else f"FAILED, exit code {codes[-1]}"
        lines.append(f"{name:<12} {time.monotonic() - began:7.1f} s  {result}")
    print("\n".join(["== all steps", *lines]), flush=True)
    return codes[-1] or int(any(codes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
