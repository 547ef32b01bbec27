"""One packet through one base chain: everything that may become of it, where some conditions stay open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from preflight.firewall.model import Deciding
from preflight.firewall.nft_match import condition, verdict_map
from preflight.firewall.nft_packet import Packet
from preflight.firewall.nft_ruleset import Chain, Ruleset
from preflight.firewall.tri import YES, Match, all_of, maybe

_DEPTH = 32  # the kernel follows 16 jumps
_STEPS = 100_000  # rules looked at for one question: what comes from a host is bounded
_VERDICTS = frozenset({"accept", "drop", "reject", "return", "jump", "goto", "continue"})
# Statements that neither decide nor change what later rules see.
_HARMLESS = frozenset({"counter", "log", "comment", "last", "flow", "secmark"})
# Statements that send the packet another way: what becomes of it then is not said here.
_AWAY = frozenset({"dnat", "redirect", "tproxy", "queue", "synproxy", "fwd"})


@dataclass(frozen=True, slots=True)
class End:
    """One thing that may become of a packet; `why` says why it is not sure."""

    fate: Literal["accept", "block", "open", "fall"]  # fall: out of the chain's end
    rule: Deciding | None = None
    how: str = ""  # drop, or how it is rejected
    why: str = ""


_FALL = End("fall")


class Walk:
    """A packet on its way; later chains see what earlier ones did to it."""

    def __init__(self, ruleset: Ruleset, packet: Packet) -> None:
        self.ruleset = ruleset
        self.packet = packet
        self.steps = 0

    def base(self, chain: Chain) -> list[End]:
        """All that may become of it in a base chain, its policy included. Raises KeyError and the like on nonsense."""
        ends = self._chain(chain, 0)
        done = [end for end in ends if end.fate != "fall"]
        if len(done) < len(ends):
            policy = Deciding(f"policy {chain.policy} of chain {chain.name}", "", chain.name)
            done.append(End("block", policy, "drop") if chain.policy == "drop" else End("accept"))
        if chain.doubtful:
            why = "its table has flags that are not understood, and may be asleep (dormant)"
            return [*(replace(end, why=end.why or why) for end in done), End("accept")]
        return done

    def _chain(self, chain: Chain, depth: int) -> list[End]:
        ends: list[End] = []
        if depth > _DEPTH:
            return [End("open", why="its chains call each other in a circle")]
        for rule in chain.rules:
            self.steps += 1
            if self.steps > _STEPS:
                return [*ends, End("open", why="it has too many rules")]
            found, goes_on = self._rule(chain, rule, depth)
            ends += found
            if not goes_on:
                return ends
        return [*ends, _FALL]

    def _rule(self, chain: Chain, rule: Mapping[str, Any], depth: int) -> tuple[list[End], bool]:
        """What may become of it by this rule, and whether the next rule may be reached."""
        match = YES
        scope = (str(rule["family"]), str(rule["table"]))
        for part in rule.get("expr") or ():
            name, value = next(iter(part.items()))
            if name in _VERDICTS:
                if name == "reject" and not self._answers(value):
                    return [], True
                return self._verdict(chain, rule, match, name, value, depth)
            if name == "vmap":
                ends: list[End] = []
                for found, (verdict, target) in verdict_map(value, self.packet, self.ruleset.known, scope):
                    both = all_of((match, found))
                    if both.answer != "no":
                        more, goes_on = self._verdict(chain, rule, both, verdict, target, depth)
                        ends += more
                        if both.answer == "yes":
                            return ends, goes_on
                return ends, True
            if name in _AWAY or (name == "mangle" and "payload" in value["key"]):
                why = f"it may be sent another way ({name})"
                return [End("open", deciding(chain, rule), why=why)], match.answer == "maybe"
            if name in ("snat", "masquerade"):
                return [End("accept", deciding(chain, rule))], match.answer == "maybe"
            if name == "notrack":
                self.packet = replace(self.packet, state="")
            elif name == "match":
                match = all_of((match, condition(value, self.packet, self.ruleset.known, scope)))
            elif name not in _HARMLESS and name != "mangle":
                limit = "it limits the rate" if name == "limit" else f"it has a part that is not understood ({name})"
                match = all_of((match, maybe(limit)))
            if match.answer == "no":
                return [], True
        return [], True

    def _answers(self, reject: Any) -> bool:
        """How it rejects says what it is for: nft leaves the condition out of its list where the answer implies it."""
        kind = reject.get("type") if isinstance(reject, dict) else None
        if kind == "tcp reset":
            return self.packet.protocol == "tcp"
        return kind not in ("icmp", "icmpv6") or (kind == "icmpv6") == (self.packet.version == 6)

    def _verdict(
        self, chain: Chain, rule: Mapping[str, Any], match: Match, name: str, value: Any, depth: int
    ) -> tuple[list[End], bool]:
        unsure = match.answer == "maybe"
        if name == "continue":
            return [], True
        if name == "return":
            return [_FALL], unsure
        if name in ("jump", "goto"):
            target = self.ruleset.chains[f"{chain.family} {rule['table']} {value['target']}"]
            ends = self._chain(target, depth + 1)
            by = deciding(chain, rule)
            marked = [self._open(end, match, by) if unsure and end.fate != "fall" else end for end in ends]
            if name == "goto":
                return marked, unsure
            inner = [end for end in marked if end.fate != "fall"]
            return inner, unsure or len(inner) < len(marked)
        by = deciding(chain, rule)
        end = End("accept", by) if name == "accept" else End("block", by, _how(name, value))
        return [self._open(end, match, by) if unsure else end], unsure

    @staticmethod
    def _open(end: End, match: Match, by: Deciding) -> End:
        return replace(end, why=end.why or match.why, rule=end.rule or by)


def deciding(chain: Chain, rule: Mapping[str, Any]) -> Deciding:
    """A rule for the answer: its handle, its chain, and its own comment where it has one."""
    comment = f" ({str(rule['comment'])[:80]})" if rule.get("comment") else ""
    text = json.dumps(rule.get("expr"), separators=(",", ":"))[:300]
    return Deciding(f"rule handle {rule.get('handle')} of chain {chain.name}{comment}", text, chain.name)


def _how(name: str, value: Any) -> str:
    if name == "drop":
        return "drop"
    kind = value.get("type", "") if isinstance(value, dict) else ""
    return "by a reset" if kind == "tcp reset" else "by an ICMP error"
