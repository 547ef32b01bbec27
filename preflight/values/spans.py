"""Stretches of ports and of addresses, as firewalls take them: 80, 443-444; 10.1.1.11-10.1.1.12."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

Spans = tuple[tuple[int, int], ...]  # ports: first and last of each stretch


@lru_cache(maxsize=1024)  # a fleet asks the same few ports of thousands of machines
def spans_of(ports: tuple[int, ...]) -> Spans:
    """Single ports as stretches: 80, 443, 444 -> (80, 80), (443, 444)."""
    return joined_spans([tuple((port, port) for port in ports)])


def joined_spans(several: Iterable[Spans]) -> Spans:
    """Stretches of ports put together, overlapping and neighbouring ones as one."""
    spans: list[tuple[int, int]] = []
    for first, last in sorted({span for part in several for span in part}):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return tuple(spans)


def ports_text(spans: Spans) -> str:
    """Ports as firewalls take them: 80, 443-444."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def port_list(ports: Iterable[int]) -> str:
    """Single ports as sentences say them: 80, 5011-5016."""
    return ports_text(spans_of(tuple(sorted(set(ports)))))


def stretches(addresses: Iterable[str]) -> tuple[str, ...]:
    """Single addresses, neighbours as first-last, in the addresses' order; what is no address comes last, as it is."""
    known: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = []
    strange: list[str] = []
    for text in dict.fromkeys(addresses):
        try:
            known.append(ipaddress.ip_address(text))
        except ValueError:
            strange.append(text or "address not known")
    spans: list[list[ipaddress.IPv4Address | ipaddress.IPv6Address]] = []
    for address in sorted(known, key=lambda a: (a.version, int(a))):
        last = spans[-1][1] if spans else None
        if last is not None and last.version == address.version and int(last) + 1 == int(address):
            spans[-1][1] = address
        else:
            spans.append([address, address])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    return (*texts, *dict.fromkeys(strange))
