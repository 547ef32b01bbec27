"""The object that `nft --json list ruleset` prints, as chains with their rules."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from preflight.firewall.nft_match import Known

_TRANSLATING = frozenset({"dnat", "redirect", "tproxy"})


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain; a base chain has a hook."""

    name: str  # family table chain
    hook: str = ""
    priority: int = 0
    policy: str = "accept"
    doubtful: bool = False  # its table may be asleep, and then it does nothing
    rules: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def family(self) -> str:
        """ip, ip6, inet, netdev, ..."""
        return self.name.split(" ", 1)[0]


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Chains by name, and what conditions need."""

    chains: Mapping[str, Chain]
    known: Known

    def passed(self, direction: str, version: int) -> list[Chain]:
        """The base chains that a packet to (in) or from (out) a program of this host passes, in their order."""
        hooks = ("ingress", "prerouting", "input") if direction == "in" else ("output", "postrouting", "egress")
        families = ("inet", "netdev", "ip6" if version == 6 else "ip")
        chains = [c for c in self.chains.values() if c.hook in hooks and c.family in families]
        return sorted(chains, key=lambda c: (hooks.index(c.hook), c.priority))


def read_ruleset(told: Mapping[str, Any]) -> Ruleset:
    """Raises KeyError, TypeError, ValueError or AttributeError where it is no such object."""
    chains: dict[str, Chain] = {}
    sets: dict[tuple[str, str, str], list[Any]] = {}
    asleep, doubtful = set(), set()
    translates = False
    for item in told["nftables"]:
        kind, value = next(iter(item.items()))
        if kind == "table":
            flags = value.get("flags") or []
            flags = {str(flag) for flag in flags} if isinstance(flags, list) else {str(flags)}
            # nft 1.0.6 writes the table's name where its flags should stand.
            if "dormant" in flags:
                asleep.add((value["family"], value["name"]))
            elif not flags <= {"owner", "persist"}:
                doubtful.add((value["family"], value["name"]))
        elif kind == "chain":
            chain = _chain(value, doubtful)
            chains[chain.name] = chain
        elif kind in ("set", "map"):
            sets[str(value["family"]), str(value["table"]), str(value["name"])] = list(value.get("elem") or ())
        elif kind == "rule":
            chains[f"{value['family']} {value['table']} {value['chain']}"].rules.append(value)
            translates = translates or any(_TRANSLATING & set(part) for part in value.get("expr") or ())
    awake = {name: chain for name, chain in chains.items() if tuple(name.split(" ")[:2]) not in asleep}
    return Ruleset(awake, Known(sets, translates))


def _chain(told: Mapping[str, Any], doubtful: Set[tuple[Any, Any]]) -> Chain:
    priority = told.get("prio", 0)
    name = f"{told['family']} {told['table']} {told['name']}"
    policy = str(told.get("policy", "accept"))
    asleep = (told["family"], told["table"]) in doubtful
    return Chain(name, str(told.get("hook", "")), priority if isinstance(priority, int) else 0, policy, asleep)
