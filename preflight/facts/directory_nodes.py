"""Whether the site's servers are shown the same certificate of a directory as the machine that runs the suite (L01)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from preflight.facts.remarks import Findings, Remark
from preflight.values.directory import DirectoryObservation, NodeTls, ServerSeen, TlsSeen

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # Windows has no times before it
REPLACE = "Have it replaced, or see what shows it there."


def judge_nodes(seen: DirectoryObservation, nodes: Sequence[NodeTls], found: Findings) -> None:
    """Adds to `found` what each node saw. What could not be seen from a node is said, and fails nothing."""
    for server in seen.servers:
        places: dict[int, list[NodeTls]] = defaultdict(list)
        for node in nodes:
            if (node.server, node.address) == (server.name, server.address):
                places[node.port].append(node)
        for port, here in sorted(places.items()):
            _place(f"{server.name}:{port}", _ours(server, port), here, found)


def _ours(server: ServerSeen, port: int) -> TlsSeen | None:
    """What the machine that runs the suite saw of that port; None where it cannot be held against anything."""
    catalog = server.catalog
    tls = server.tls if port == server.port else catalog.tls if catalog and port == catalog.port else None
    return tls if tls is not None and tls.sha256 else None


def _place(where: str, ours: TlsSeen | None, nodes: Iterable[NodeTls], found: Findings) -> None:
    same: list[str] = []
    shown: dict[NodeTls, list[str]] = {}
    for node in nodes:
        if node.why_unseen:
            found.notes.append(f"{node.node} is answered in TLS by {where}, without its certificate: {node.why_unseen}")
        elif ours is not None and node.sha256 == ours.sha256:
            same.append(f"{node.node} ({node.version})")
        else:
            first = next((other for other in shown if other.sha256 == node.sha256), node)
            shown.setdefault(first, []).append(node.node)
    if same:
        found.seen.append(f"{_together(same, 'sees', 'see')} the same certificate of {where}")
    for node, names in shown.items():
        told = f"{node.subject}, issued by {node.issuer}, until {_day(node.not_after)}, SHA-256 {node.sha256}"
        if ours is None and not _in_time(node):
            text = f"{_together(names, 'is', 'are')} shown {told}, by {where}; it is not valid now"
            found.wrong.append(Remark(text, REPLACE))
        elif ours is None:
            found.seen.append(f"{_together(names, 'is', 'are')} shown {told}, by {where}")
        else:
            _other(node, names, f"by {where}: {told}", ours, found)


def _other(node: NodeTls, names: Sequence[str], told: str, ours: TlsSeen, found: Findings) -> None:
    """Another certificate than ours: a second one of the server, or of something that opens TLS on the way."""
    text = f"{_together(names, 'is', 'are')} shown another certificate than the machine that runs the suite, {told}"
    if not _in_time(node):
        found.wrong.append(Remark(f"{text}; it is not valid now", REPLACE))
    elif node.issuer == ours.issuer and _alike(node.names, ours.names):
        text += "; issuer and name are the same, as where a server has several or several servers share an address"
        found.advice.append(Remark(text, "See that each of them is there on purpose, and none is about to expire."))
    else:
        do = f"Ask who opens TLS between {' or '.join(names)} and {node.server}, and have the directory left out of it."
        found.wrong.append(Remark(f"{text}; on one of the two ways something may open TLS", do))


def _in_time(node: NodeTls) -> bool:
    return node.not_before <= node.at <= node.not_after


def _alike(one: Iterable[str], other: Iterable[str]) -> bool:
    return bool({name.casefold() for name in one} & {name.casefold() for name in other})


def _together(names: Sequence[str], one: str, many: str) -> str:
    told = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{told} {one if len(names) == 1 else many}"


def _day(seconds: float) -> str:
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%d}"
