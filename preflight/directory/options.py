"""How long a directory may take and how much is taken from it."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskOptions:
    """Deadlines in seconds and bounds; a deadline that is met costs its own step, never the whole."""

    connect_s: float = 5.0
    step_s: float = 10.0  # one question and its answer
    page_s: float = 30.0  # one page of users
    total_s: float = 120.0  # everything, all users included
    page: int = 500  # entries asked for at a time; Active Directory gives 1,000 at most
    max_message: int = 16 * 1024 * 1024  # bytes; a larger entry is skipped and counted
    max_users: int = 500_000  # read at most
    max_distinct: int = 250_000  # values of an attribute that are told apart
    cap_probe: int = 1_500  # entries that the search without paging asks for
    catalog_sample: int = 200
    rights_sample: int = 60  # users whose rights are looked at, at most


class Deadline:
    """A point in time; what waits asks how much is left."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float, within: Deadline | None = None) -> None:
        end = time.monotonic() + seconds
        self._end: float = end if within is None else min(end, within._end)

    def left(self) -> float:
        """Seconds left, 0 when it is over."""
        return max(0.0, self._end - time.monotonic())
