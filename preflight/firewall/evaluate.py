"""The fact `firewall` of a host -> something that can be asked about flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from preflight.firewall.model import Flow, Policy
from preflight.firewall.nftables import NftFirewall
from preflight.firewall.windows import WindowsFirewall


class Firewall(Protocol):
    """A host's packet filter."""

    def ask(self, flow: Flow) -> Policy:
        """What it does to a flow."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A host whose answer does not depend on the flow."""

    policy: Policy

    def ask(self, flow: Flow) -> Policy:
        """The same for every flow."""
        del flow
        return replace(self.policy, listener=self.policy.verdict)


NONE = Fixed(Policy("allow", "off", "the host has no packet filter of its own"))
OTHER = Fixed(Policy("unknown", "unread", "cannot be told: the host's packet filter is none that can be read here"))
BROKEN = Fixed(Policy("unknown", "unread", "cannot be told: what the host said of its packet filter is not readable"))


def read_firewall(fact: Mapping[str, Any]) -> Firewall:
    """The value of a fact `firewall` (contract_facts.FirewallFact as JSON). Raises nothing: a host may say anything."""
    kind = fact.get("kind")
    try:
        if kind == "windows":
            return WindowsFirewall.read(fact)
        if kind == "nftables":
            return NftFirewall.read(fact)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return BROKEN
    return NONE if kind == "none" else OTHER


def evaluate(fact: Mapping[str, Any], flow: Flow) -> Policy:
    """One question to one fact; `read_firewall` is for many."""
    return read_firewall(fact).ask(flow)
