"""The conditions of an nftables rule, as `nft --json` writes them (libnftables-json(5)), held against a packet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from preflight.firewall.addresses import Address, covers
from preflight.firewall.nft_packet import Packet, Span
from preflight.firewall.tri import NO, YES, Match, all_of, any_of, maybe, negated

UNKNOWN = object()  # understood, but the packet's value is not known
ABSENT = object()  # the packet has no such part: the rule does not match, whatever it compares with
_PROTOCOLS = {"tcp": 6, "udp": 17}
_ORDER: Mapping[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What conditions need to know beside the packet: named sets, and whether something translates addresses."""

    sets: Mapping[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    translates: bool = False


def condition(told: Mapping[str, Any], packet: Packet, known: Known, scope: tuple[str, str]) -> Match:
    """One `match` of a rule. `scope`: family and table, where its sets are."""
    op, left, right = str(told.get("op", "==")), told["left"], told["right"]
    if isinstance(left, dict) and "&" in left:
        return _flags(left["&"], op, right, packet)
    actual = value_of(left, packet, known)
    if actual is ABSENT:
        return NO
    if actual is None:
        return maybe(f"it compares what is not understood ({_brief(left)})")
    if actual is UNKNOWN:
        return maybe(f"it compares what is not known here ({_brief(left)})")
    if op in _ORDER:
        if not isinstance(actual, (int, Span)) or not isinstance(right, int):
            return maybe(f"it compares what is not understood ({_brief(told)})")
        ends = (actual.first, actual.last) if isinstance(actual, Span) else (actual, actual)
        held = {_ORDER[op](end, right) for end in ends}
        return maybe("the asking end's port is not known") if len(held) > 1 else YES if held == {True} else NO
    found = matches(actual, right, known, scope)
    return found if op in ("==", "in") else negated(found) if op == "!=" else maybe(f"{op} is not understood")


def verdict_map(
    told: Mapping[str, Any], packet: Packet, known: Known, scope: tuple[str, str]
) -> Iterator[tuple[Match, tuple[str, Any]]]:
    """The verdicts of a map with whether the packet takes them; the catch-all comes last, as in the kernel."""
    actual = value_of(told["key"], packet, known)
    if actual is ABSENT:
        return
    pairs = [(_element(key), verdict) for key, verdict in _elements(told["data"], known, scope)]
    for key, verdict in sorted(pairs, key=lambda pair: pair[0] == "*"):
        name, value = next(iter(verdict.items()))
        if actual is None or actual is UNKNOWN:
            yield maybe(f"it compares what is not known here ({_brief(told['key'])})"), (name, value)
        else:
            yield (YES if key == "*" else matches(actual, key, known, scope)), (name, value)


def matches(actual: Any, right: Any, known: Known, scope: tuple[str, str]) -> Match:
    """Whether the packet's value is the one, or one of those, on the right."""
    right = _element(right)
    if isinstance(right, str) and right.startswith("@"):
        return any_of(matches(actual, e, known, scope) for e in _elements(right, known, scope))
    if isinstance(right, list):
        return any_of(matches(actual, e, known, scope) for e in right)
    if isinstance(right, dict):
        return _structured(actual, right, known, scope)
    if isinstance(actual, list):
        return maybe("a concatenation is compared with something else")
    if isinstance(actual, Span):
        return _within(actual, right, right)
    if isinstance(actual, (int, str)):
        return _plain(actual, right)
    return covers(str(right), actual)


def _structured(actual: Any, right: Mapping[str, Any], known: Known, scope: tuple[str, str]) -> Match:
    name, value = next(iter(right.items()))
    if name in ("set", "|"):
        return any_of(matches(actual, e, known, scope) for e in value)
    if name == "range" and isinstance(actual, int):
        return YES if int(value[0]) <= actual <= int(value[1]) else NO
    if name == "range" and isinstance(actual, Span):
        return _within(actual, value[0], value[1])
    if name == "range" and not isinstance(actual, (str, list)):
        return covers(f"{value[0]}-{value[1]}", actual)
    if name == "prefix" and not isinstance(actual, (str, int, list, Span)):
        return covers(f"{value['addr']}/{value['len']}", actual)
    if name == "concat" and isinstance(actual, list) and len(actual) == len(value):
        return all_of(
            maybe("a part of it is not known") if a is UNKNOWN else matches(a, v, known, scope)
            for a, v in zip(actual, value, strict=True)
        )
    return maybe(f"it compares with what is not understood ({_brief(right)})")


def _within(span: Span, first: Any, last: Any) -> Match:
    if not isinstance(first, int) or not isinstance(last, int):
        return maybe(f"it compares with {str(first)[:60]}, which is not understood")
    if last < span.first or first > span.last:
        return NO
    return YES if first <= span.first and span.last <= last else maybe("the asking end's port is not known")


def _plain(actual: int | str, right: Any) -> Match:
    if isinstance(actual, str) and isinstance(right, str):
        if right.endswith("*"):
            return YES if fnmatchcase(actual, right) else NO
        return YES if actual == right else NO
    if isinstance(actual, int) and isinstance(right, int):
        return YES if actual == right else NO
    if isinstance(actual, str) and isinstance(right, int) and actual in _PROTOCOLS:
        return YES if _PROTOCOLS[actual] == right else NO
    return maybe(f"it compares with {str(right)[:60]}, which is not understood")


def value_of(left: Any, packet: Packet, known: Known) -> Any:
    """The packet's value of an expression; None where the expression is not understood."""
    if not isinstance(left, dict) or not left:
        return None
    name, told = next(iter(left.items()))
    if name == "concat":
        parts = [value_of(part, packet, known) for part in told]
        return ABSENT if ABSENT in parts else None if None in parts else parts
    if name == "payload" and isinstance(told, dict):
        return _payload(str(told.get("protocol")), str(told.get("field")), packet)
    key = told.get("key") if isinstance(told, dict) else None
    if name == "meta":
        return _meta(str(key), packet)
    if name == "ct":
        return _tracked(str(key), packet, known)
    if name == "fib" and told.get("result") == "type" and told.get("flags") == ["daddr"]:
        return "local" if packet.direction == "in" else UNKNOWN
    return None


def _payload(protocol: str, name: str, packet: Packet) -> Any:
    if protocol in ("ip", "ip6"):
        if packet.version != (4 if protocol == "ip" else 6):
            return ABSENT
        if name in ("protocol", "nexthdr"):
            return packet.protocol
        return _or_unknown({"saddr": packet.source, "daddr": packet.destination}.get(name), name)
    if protocol in ("tcp", "udp", "th"):
        if protocol not in ("th", packet.protocol):
            return ABSENT
        return _or_unknown({"sport": packet.source_port, "dport": packet.destination_port}.get(name), name)
    # Another protocol's fields are not in a packet of this one.
    return ABSENT if protocol in ("icmp", "icmpv6", "sctp", "dccp", "udplite", "ah", "esp", "igmp", "arp") else None


def _or_unknown(value: Address | int | Span | None, name: str) -> Any:
    if value is not None:
        return value
    return UNKNOWN if name in ("saddr", "daddr", "sport", "dport") else None


def _meta(key: str, packet: Packet) -> Any:
    if key in ("iifname", "iif", "oifname", "oif"):
        name = packet.inward if key.startswith("i") else packet.outward
        return UNKNOWN if name is None else name
    words = {"l4proto": packet.protocol, "nfproto": f"ipv{packet.version}"}
    words["protocol"] = "ip" if packet.version == 4 else "ip6"
    return words.get(key, UNKNOWN if key in ("mark", "skuid", "skgid", "pkttype") else None)


def _tracked(key: str, packet: Packet, known: Known) -> Any:
    if key == "state":
        return packet.state or UNKNOWN
    if key == "status":
        return UNKNOWN if known.translates else "none"
    if key == "direction":
        return "original" if packet.state == "new" else "reply"
    return UNKNOWN if key == "mark" else None


def _flags(told: list[Any], op: str, right: Any, packet: Packet) -> Match:
    payload = told[0].get("payload") if isinstance(told[0], dict) else None
    if payload != {"protocol": "tcp", "field": "flags"} or op not in ("==", "!="):
        return maybe(f"it compares what is not understood ({_brief(told)})")
    if packet.protocol != "tcp":
        return NO
    same = packet.flags & frozenset(_words(told[1:])) == frozenset(_words([right]))
    return YES if same == (op == "==") else NO


def _words(told: Iterable[Any]) -> Iterator[str]:
    for part in told:
        if isinstance(part, dict):
            yield from _words(part.values())
        elif isinstance(part, list):
            yield from _words(part)
        elif part != 0:
            yield str(part)


def _element(told: Any) -> Any:
    return told["elem"]["val"] if isinstance(told, dict) and "elem" in told else told


def _elements(told: Any, known: Known, scope: tuple[str, str]) -> list[Any]:
    if isinstance(told, str):
        return known.sets[(*scope, told[1:])]
    return list(told["set"])


def _brief(told: Any) -> str:
    return str(told)[:80]
