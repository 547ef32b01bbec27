"""How long a database server may take, and how much is taken from it."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskOptions:
    """Deadlines in seconds and bounds."""

    connect_s: float = 5.0
    login_s: float = 15.0  # connection, encryption and login together
    account_s: float = 30.0  # an account, its queries included
    total_s: float = 120.0  # all nodes
    browser_s: float = 2.0  # one question to the SQL browser; it is put twice
    max_bytes: int = 1024 * 1024  # of one connection
    browser_port: int = 1434


class Deadline:
    """A point in time; what waits asks how much is left."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float, within: Deadline | None = None) -> None:
        end = time.monotonic() + seconds
        self._end: float = end if within is None else min(end, within._end)

    def left(self) -> float:
        """Seconds left, 0 when it is over."""
        return max(0.0, self._end - time.monotonic())
