"""Lends the tests of the port matrix the generated sites of selftest/report."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("report", "run")]
