"""What happened at an endpoint, counted: the tests' answer to "how many requests, and what is left running?"."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OperationCount:
    """How often a user asked one machine (path) for one operation."""

    operation: str
    path: str
    user: str
    count: int


@dataclass(frozen=True, slots=True)
class StatsView:
    """All counts at one moment; the dictionaries are by path."""

    connections: int
    connections_open: int
    requests: dict[str, int]  # HTTP requests, those of the login included
    operations: tuple[OperationCount, ...]
    shells_open: dict[str, int]
    shells_ever: dict[str, int]
    commands_running: dict[str, int]
    commands_ever: dict[str, int]

    def operation(self, name: str, path: str | None = None) -> int:
        """How often an operation was asked for, on one path or on all."""
        return sum(o.count for o in self.operations if o.operation == name and path in (None, o.path))

    def as_json(self) -> dict[str, Any]:
        """Plain values for json.dumps."""
        return asdict(self)


class Stats:
    """Counts of an endpoint. Thread-safe; a reply is sent only after it was counted."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._version = 0
        self._plain: Counter[str] = Counter()
        self._by_path: dict[str, Counter[str]] = {}
        self._operations: Counter[tuple[str, str, str]] = Counter()

    def add(self, what: str, path: str | None = None, change: int = 1) -> None:
        """Count one of StatsView's fields, with a path for those that have one."""
        with self._lock:
            counter = self._plain if path is None else self._by_path.setdefault(what, Counter())
            counter[what if path is None else path] += change
            self._version += 1
            self._lock.notify_all()

    def operation(self, name: str, path: str, user: str) -> None:
        """Count one SOAP operation."""
        with self._lock:
            self._operations[name, path, user] += 1
            self._version += 1
            self._lock.notify_all()

    def wait_change(self, version: int, timeout_s: float) -> int:
        """The version, once it is another one than `version` or the time is over."""
        with self._lock:
            self._lock.wait_for(lambda: self._version != version, timeout_s)
            return self._version

    def view(self) -> StatsView:
        """The counts now."""
        with self._lock:
            return StatsView(
                self._plain["connections"],
                self._plain["connections_open"],
                self._of("requests"),
                tuple(OperationCount(*key, count) for key, count in sorted(self._operations.items())),
                self._of("shells_open"),
                self._of("shells_ever"),
                self._of("commands_running"),
                self._of("commands_ever"),
            )

    def _of(self, what: str) -> dict[str, int]:
        return {path: count for path, count in sorted(self._by_path.get(what, {}).items()) if count}
