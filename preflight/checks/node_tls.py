"""The certificates that machines of the site were shown from their own place, out of what their probes brought back."""

from __future__ import annotations

import re

from preflight.values.directory import NodeTls
from preflight.values.observation import Observations
from preflight.wire.tls import answer

# Probe.id of a question that speaks tls: cml1>dc1@10.1.1.30:636/tcp/existing/tls
_ASKED = re.compile(r"(?P<node>[^>]+)>(?P<server>[^@]+)@\[?(?P<address>[^\]/]+?)\]?:\d+/tcp(?:/\w+)?/tls")


def tls_from_nodes(seen: Observations) -> list[NodeTls]:
    """One for each probe that was answered in TLS, by server and port. What is no TLS, the probe's own row tells."""
    found = []
    for key, probe in seen.probes.items():
        ends = _ASKED.fullmatch(key)
        if ends is None or not probe.attempts or not probe.attempts[-1].received:
            continue
        attempt = probe.attempts[-1]
        told = answer(bytes.fromhex(attempt.received))
        if told is None:
            continue
        shown = told.certificate
        found.append(
            NodeTls(
                node=ends["node"],
                server=ends["server"],
                address=ends["address"],
                port=probe.port,
                at=attempt.at,
                version=told.version,
                why_unseen=told.why_unseen,
                subject=shown.subject if shown else "",
                issuer=shown.issuer if shown else "",
                names=shown.names if shown else (),
                not_before=shown.not_before.timestamp() if shown else 0.0,
                not_after=shown.not_after.timestamp() if shown else 0.0,
                sha256=told.sha256,
            )
        )
    return sorted(found, key=lambda one: (one.server, one.port, one.node))
