"""What nodes were shown in TLS, out of recorded probes: only those that spoke it, and only answers in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from preflight.checks.node_tls import tls_from_nodes
from preflight.values.observation import Attempt, Observations, ProbeObservation
from preflight.values.probe import Probe
from preflight.values.shipped_yaml import load as load_yaml

ANSWERS: dict[str, dict[str, Any]] = {
    row["name"]: row
    for row in load_yaml((Path(__file__).parents[1] / "wire" / "tls_answers.yaml").read_text(encoding="utf-8"))
}
PLAIN = "300c02010165070a010004000400"  # LDAP in clear


def asked(node: str, received: str, address: str = "10.1.1.30", speak: str | None = "tls") -> ProbeObservation:
    probe = Probe(node, "dc1", address, "tcp", 636, "existing", speak=speak)
    attempt = Attempt("answered" if received else "accepted", 7.0, 1.0, "10.1.1.11", 40001, "", "", received, False)
    return ProbeObservation(probe.id, "plain", 636, (attempt,))


def observed(*probes: ProbeObservation) -> Observations:
    return Observations(probes={probe.probe: probe for probe in probes})


@pytest.mark.parametrize("address", ["10.1.1.30", "2001:db8::30"])
def test_a_certificate_is_told_with_who_asked_whom_and_when(address: str) -> None:
    row = ANSWERS["slapd"]
    (one,) = tls_from_nodes(observed(asked("cml1", "".join(row["bytes"].split()), address)))
    assert (one.node, one.server, one.address, one.port, one.at) == ("cml1", "dc1", address, 636, 7.0)
    assert (one.version, one.subject, one.issuer) == ("TLS 1.2", "CN=dc1.corp.example", "CN=Test CA")
    assert one.names == ("dc1.corp.example",)
    assert row["told"].endswith(one.sha256)
    assert one.not_before < one.not_after
    assert not one.why_unseen


def test_an_alert_says_why_nothing_is_seen() -> None:
    (one,) = tls_from_nodes(observed(asked("cml1", ANSWERS["tls-1.3-only"]["bytes"])))
    assert (one.version, one.sha256) == ("", "")
    assert "newer than 1.2" in one.why_unseen


def test_what_is_no_tls_is_left_out() -> None:
    never = Probe("cml4", "dc1", "10.1.1.30", "tcp", 636, "existing", speak="tls")
    seen = observed(
        asked("cml1", PLAIN),
        asked("cml2", ""),
        asked("cml3", "".join(ANSWERS["slapd"]["bytes"].split()), speak=None),
        ProbeObservation(never.id, "not-asked", 636),
    )
    assert tls_from_nodes(seen) == []
