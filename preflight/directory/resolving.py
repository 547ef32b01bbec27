"""Names to addresses by the controller's own resolver, within a deadline."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Sequence

from preflight.directory.options import Deadline
from preflight.values.step import Step

MAX_ADDRESSES = 100
Resolved = tuple[Step, tuple[str, ...]]


def resolve_all(names: Sequence[str], deadline: Deadline) -> list[Resolved]:
    """Addresses of each name, side by side. A name that does not resolve is a failed step, never an exception."""
    results: list[Resolved | None] = [None] * len(names)

    def run(index: int) -> None:
        results[index] = _resolve(names[index])

    # The system's resolver knows no deadline: threads that outlive ours are left to end by themselves.
    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(len(names))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(deadline.left())
    late = "the name service did not answer in time."
    return [
        (Step("timeout", "timeout", late, "Check the controller's DNS servers."), ()) if found is None else found
        for found in list(results)
    ]


def _resolve(name: str) -> Resolved:
    began = time.monotonic()
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        took = round(time.monotonic() - began, 4)
        reason = getattr(error, "strerror", None) or "not a name"
        said = f"the controller's name service does not resolve {name}: {reason}."
        return Step("failed", "name-unknown", said, "Check the name, and the controller's DNS servers.", took), ()
    addresses = sorted({_plain(str(item[4][0])) for item in found}, key=lambda a: (":" in a, a))[:MAX_ADDRESSES]
    return Step("ok", took_s=round(time.monotonic() - began, 4)), tuple(addresses)


def _plain(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return address
