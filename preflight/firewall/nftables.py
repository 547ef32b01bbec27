"""nftables: what the chains that a flow passes do to it, and to the answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from preflight.firewall.model import Flow, Policy, asked_words
from preflight.firewall.nft_packet import Packet
from preflight.firewall.nft_ruleset import Ruleset, read_ruleset
from preflight.firewall.nft_walk import End, Walk

EMPTY = Policy("allow", "off", "the host's firewall has no rules (nftables)")


@dataclass(frozen=True, slots=True)
class NftFirewall:
    """One host's tables, read once and asked often."""

    ruleset: Ruleset
    interfaces: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def read(cls, fact: Mapping[str, Any]) -> NftFirewall:
        """The fact `firewall` of kind nftables. Raises KeyError, TypeError or ValueError where it is none."""
        return cls(read_ruleset(fact["ruleset"]), tuple(fact.get("interfaces") or ()))

    def ask(self, flow: Flow) -> Policy:
        """What the tables do to the flow's first packet and, for TCP, to the answer to it. No program counts here."""
        try:
            policy = self._answer(flow)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration, RecursionError) as error:
            why = f"cannot be told: the tables hold what is not understood ({type(error).__name__})"
            policy = Policy("unknown", "unread", why)
        return replace(policy, listener=policy.verdict)

    def _answer(self, flow: Flow) -> Policy:
        if not self.ruleset.chains:
            return EMPTY
        packet = Packet.of(flow, self.interfaces)
        first = self._pass(flow, packet)
        if first.verdict == "block" or flow.protocol == "udp":
            return first
        back = self._pass(flow, packet.answered())
        if back.verdict == "allow" or (back.verdict == "unknown" == first.verdict):
            return first
        return replace(back, sentence=f"{back.sentence} (so it is with the answers, not with the first packet)")

    def _pass(self, flow: Flow, packet: Packet) -> Policy:
        walk = Walk(self.ruleset, packet)
        seen: list[End] = []
        for chain in self.ruleset.passed(packet.direction, packet.version):
            ends = walk.base(chain)
            if all(end.fate == "block" for end in ends) and not any(end.fate == "open" for end in seen):
                return _blocked(flow, next((end for end in ends if not end.why), ends[0]))
            seen += ends
        open_ends = [end for end in seen if end.fate in ("block", "open")]
        if open_ends:
            return _kept_open(flow, next((end for end in [*open_ends, *seen] if end.why), open_ends[0]))
        rules = tuple(dict.fromkeys(end.rule for end in seen if end.rule is not None))
        if rules:
            # The last one is the input chain's, which a person looks for.
            sentence = f"the host's firewall allows {asked_words(flow)}: {rules[-1].name}"
            return Policy("allow", "rule", sentence, rules)
        return Policy("allow", "default", f"the host's firewall has no rule that blocks {asked_words(flow)}")


def _blocked(flow: Flow, end: End) -> Policy:
    silent = end.how == "drop"
    silence = "what it blocks is dropped without a word" if silent else f"what it blocks is refused {end.how}"
    rules = (end.rule,) if end.rule else ()
    name = end.rule.name if end.rule else "a rule"
    because = "rule" if end.rule and end.rule.text else "default"
    sentence = f"the host's firewall blocks {asked_words(flow)}: {name}"
    return Policy("block", "rule" if because == "rule" else "default", sentence, rules, "", silent, silence)


def _kept_open(flow: Flow, end: End) -> Policy:
    rules = (end.rule,) if end.rule else ()
    name = f"of {end.rule.name}, " if end.rule else ""
    sentence = f"cannot be told for {asked_words(flow)}: {name}{end.why or 'it may be blocked'}"
    if end.rule and end.rule.text:
        sentence += f"; it reads {end.rule.text[:160]}"
    return Policy("unknown", "unsure", sentence, rules)
