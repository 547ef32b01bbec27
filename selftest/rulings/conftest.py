"""Lends the rulings' tests the runs out of thin air of selftest/run, and the suite of selftest/cli."""

from __future__ import annotations

import sys
from pathlib import Path

for folder in ("run", "cli"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))
