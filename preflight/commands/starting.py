"""Hands a subcommand over to pytest in the checkout."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).absolute().parents[2]


def run_pytest(words: Sequence[str]) -> int:
    """Run pytest in the checkout: its exit code. Ctrl-C is pytest's to answer; it gets it, too."""
    process = subprocess.Popen([sys.executable, "-m", "pytest", *words], cwd=ROOT)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue
        if code == -signal.SIGINT:  # it had not got as far as to answer by itself
            raise KeyboardInterrupt
        return code if code >= 0 else 128 - code
