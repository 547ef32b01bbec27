"""A pytest plugin (-p calendar_ahead): the hosts of this process are asked on the day in PREFLIGHT_TEST_DAY."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

_DAY = datetime.fromisoformat(os.environ["PREFLIGHT_TEST_DAY"]).replace(tzinfo=UTC)
_real = time.time
_AHEAD_S = _DAY.timestamp() - _real()


def _ahead() -> float:
    return _real() + _AHEAD_S


# The day of asking comes out of time.time(). Other clocks stay: TLS holds certificates against the system's own.
time.time = _ahead
