"""What can be wrong with an endpoint, as data: the lab's scenarios and the connection-fault tests set these."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "wrong-password",  # 401 whatever was given
    "no-rights",  # logged in, but Create answers access denied
    "no-basic",  # Basic is not offered (nor taken)
    "unencrypted-refused",  # AllowUnencrypted=false whatever the settings say
    "too-many-shells",  # the user's quota of shells is used up
    "reset",  # the connection breaks in the middle of an answer's body
    "silent",  # takes requests, answers nothing
    "not-found",  # 404 from something that is no WinRM
    "unavailable",  # 503, HTTP.sys without the service behind it
    "clock-skew",  # a fault that blames the clocks (Kerberos)
    "proxy-login",  # 407 from a proxy between
    "shell-lost",  # the shell is not known any more: the service was restarted, or another took its quota
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    `path` is the machine's URL path without /wsman/ (None: every one). `operations` are the SOAP operations that
    `reset`, `shell-lost` and `clock-skew` concern (Create, Command, Send, Receive, Signal, Delete; empty: all); the
    other kinds do not look at it. `after` lets that many matching requests through first; `times` is how often it
    happens then (None: always). Kinds that concern HTTP count every HTTP request, each step of a login too.
    """

    kind: FaultKind
    path: str | None = None
    operations: frozenset[str] = frozenset()
    after: int = 0
    times: int | None = None


class FaultBook:
    """The faults of an endpoint and how often each was asked for. Thread-safe."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(faults)
        self._asked: Counter[int] = Counter()
        self._lock = threading.Lock()

    def strikes(self, kind: FaultKind, path: str, operation: str = "") -> bool:
        """Whether a fault of this kind happens to this request; asking counts."""
        with self._lock:
            struck = False
            for index, fault in enumerate(self.faults):
                if fault.kind != kind or fault.path not in (None, path):
                    continue
                if operation and fault.operations and operation not in fault.operations:
                    continue
                turn = self._asked[index] - fault.after
                self._asked[index] += 1
                struck = struck or (turn >= 0 and (fault.times is None or turn < fault.times))
            return struck
