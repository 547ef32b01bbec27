"""The same lines seen from each machine: what its own firewall must let in and out."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.ports.model import DEVICES, Line, Matrix
from preflight.values.probe import Protocol
from preflight.values.spans import joined_spans, ports_text


@dataclass(frozen=True, slots=True)
class HostLine:
    """One machine, one direction, one other end."""

    host: str
    address: str
    direction: str  # in, out
    protocol: str
    ports: str
    other: str
    rows: str


def by_host(matrix: Matrix) -> list[HostLine]:
    """Machines by name, inbound first; rows with the same other end together. Devices have no line of their own."""
    found: dict[tuple[str, str, str, Protocol, str], list[Line]] = {}
    briefs: dict[str, str] = {}  # else each of a thousand machines would tell a thousand addresses
    for line in matrix.lines:
        for direction, here, there in (("in", line.destination, line.source), ("out", line.source, line.destination)):
            text = there.text
            briefs[text] = there.brief
            for machine in here.machines:
                if not machine.roles <= DEVICES:
                    key = (machine.name, direction, text, line.protocol, machine.address)
                    found.setdefault(key, []).append(line)
    return [
        HostLine(
            host=name,
            address=address,
            direction=direction,
            protocol=protocol.upper(),
            ports="; ".join(filter(None, (ports_text(joined_spans(line.ports for line in lines)), *_words(lines)))),
            other=briefs[other],
            rows=", ".join(dict.fromkeys(line.row for line in lines)),
        )
        for (name, direction, other, protocol, address), lines in sorted(found.items(), key=lambda item: item[0][:2])
    ]


def _words(lines: list[Line]) -> list[str]:
    return list(dict.fromkeys(f"{line.row}: {line.ports_word}" for line in lines if not line.ports))
