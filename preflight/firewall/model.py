"""The question and the answer: a flow, and what the host's own packet filter would do to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PolicyVerdict = Literal["allow", "block", "unknown"]
Direction = Literal["in", "out"]
# rule: a rule says so. default: no rule matches, so the default decides. off: the filter is switched off.
# shield: everything inbound is blocked, whatever the rules say. own: the flow does not leave the host.
# bound: a rule matches certain programs or services only. unsure: a rule may match. unread: nothing to read it from.
Because = Literal["rule", "default", "off", "shield", "own", "bound", "unsure", "unread"]


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow as the host sees it: `in` to a listener on it, `out` from a program on it.

    What is not known is "" or None: a rule that restricts by it neither matches for sure nor fails to.
    `program` and `service` are the end on this host: None means "not known", service "" means "known to be none".
    """

    direction: Direction
    protocol: Literal["tcp", "udp"]
    local: str = ""  # address on this host
    local_port: int | None = None
    remote: str = ""
    remote_port: int | None = None
    program: str | None = None  # full path, or System
    service: str | None = None
    foreign: bool = True  # the program, though not known, is no part of Windows itself: the product's, for one
    networks: tuple[str, ...] = ()  # the host's own addresses with their prefixes: 10.1.1.11/24
    version: str = ""  # of the system, for rules that are meant for some versions only: 10.0.17763

    @property
    def asked_port(self) -> int | None:
        """The port that the flow is about: the listener's."""
        return self.local_port if self.direction == "in" else self.remote_port


@dataclass(frozen=True, slots=True)
class Deciding:
    """A rule that decides, or that keeps the answer open."""

    name: str
    text: str
    store: str = ""  # local or policy; nftables: the chain


@dataclass(frozen=True, slots=True)
class Policy:
    """The answer. It explains what was observed; it is never evidence that a way is open or shut."""

    verdict: PolicyVerdict
    because: Because
    sentence: str  # for a person; speaks of "the host's firewall"
    rules: tuple[Deciding, ...] = ()
    profile: str = ""  # Domain, Private or Public; several where the interface is not known
    silent: bool = False  # what is blocked is dropped without a word, not refused
    silence: str = ""  # what that means for a person who asks from outside; empty where nothing is blocked
    listener: PolicyVerdict = "unknown"  # the same for a temporary listener, which is another program
    listener_note: str = ""  # a sentence where the two differ


def asked_words(flow: Flow) -> str:
    """TCP 5012"""
    port = flow.asked_port
    return flow.protocol.upper() + (f" {port}" if port is not None else "")
