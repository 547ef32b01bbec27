"""What a process of a WinRM agent is fed: its request as lines, in parts where it is long, and how long it may live."""

from __future__ import annotations

import json
from typing import Any

from preflight.agents import contract

_MARGIN_S = 15.0  # of life beyond what was asked: a slow host's start, and its words on their way
_GATHER_LIFE_S = 60.0  # at least
# Windows PowerShell 5.1 reads JSON of 2,097,152 characters at most; a probe takes some 300, the longest a few thousand.
_MOST_CHARACTERS = 1_500_000
PART = "~"  # between the id of an exchange and the number of its part
Asked = contract.Gather | contract.Listen | contract.Exchange


def parted(request: Asked, most: int = _MOST_CHARACTERS) -> list[Asked]:
    """The request, or an exchange that is longer than the agents may be sent in parts that together ask the same."""
    if not isinstance(request, contract.Exchange) or _length(request) <= most:
        return [request]
    groups: list[list[contract.ProbeRequest]] = [[]]
    size = 0
    for probe in request.probes:
        length = _length(probe) + 1
        if groups[-1] and size + length > most:
            groups.append([])
            size = 0
        groups[-1].append(probe)
        size += length
    each = -(-request.concurrency // len(groups))
    return [
        contract.Exchange(id=f"{request.id}{PART}{number}", concurrency=each, probes=tuple(group))
        for number, group in enumerate(groups)
    ]


def _length(message: contract.Exchange | contract.ProbeRequest) -> int:
    return len(line_of(message.model_dump(mode="json")))


def life_of(request: Asked) -> float:
    """Seconds after which the process ends in any case: nothing there sees that the controller has gone."""
    if isinstance(request, contract.Listen):
        return request.window_s + _MARGIN_S
    if isinstance(request, contract.Gather):
        return max(_GATHER_LIFE_S, 2 * request.fact_deadline_s + _MARGIN_S)  # a read may begin as late as its deadline
    waves = -(-len(request.probes) // request.concurrency) or 1
    longest = max((p.timeout_s + p.read_s + p.hold_s for p in request.probes), default=0.0)
    return waves * longest + _MARGIN_S


def holds(request: Asked) -> bool:
    """Whether the process has something to do after it has said `done`."""
    return isinstance(request, contract.Exchange) and any(probe.hold_s > 0 for probe in request.probes)


def asked_lines(request: Asked) -> list[bytes]:
    """The request, and before it each password of its reads on a line of its own.

    In the request stands a name in its place: a host may log what is handed to commands, and one of them reads JSON.
    """
    message = request.model_dump(mode="json")
    lines: list[bytes] = []
    for read in message.get("reads", ()):
        if read.get("password"):
            name = f"#secret {len(lines) + 1}"
            lines.append(f"{name} {read['password'].encode('utf-8').hex()}".encode("ascii"))
            read["password"] = name
    return [*lines, line_of(message)]


def line_of(message: dict[str, Any]) -> bytes:
    """A message, or a piece of one, as a line that no code page can change on its way to PowerShell."""
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
