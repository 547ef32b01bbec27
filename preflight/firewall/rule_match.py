"""Whether one Windows rule matches a flow; [MS-FASP] 2.2.37. A field that is not understood leaves it open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from preflight.firewall.addresses import Address, address_of, covers, in_own_subnet
from preflight.firewall.model import Flow
from preflight.firewall.programs import program_matches, service_matches
from preflight.firewall.rule_text import RuleText
from preflight.firewall.tri import NO, YES, Match, all_of, any_of, maybe

PROTOCOLS = MappingProxyType({"tcp": "6", "udp": "17"})
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?\Z", re.ASCII)
# Ports that a keyword can only mean; other keywords name whatever port a part of Windows has taken.
_KEYWORD_PORTS: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "rpc-epmap": frozenset({135}),
        "iptlsin": frozenset({443}),
        "iphttpsin": frozenset({443}),
        "iptlsout": frozenset({443}),
        "iphttpsout": frozenset({443}),
        "mdns": frozenset({5353}),
        "dhcp": frozenset({67, 68, 546, 547}),
    }
)
# What says nothing of who may pass; edge traversal is for IPv6 tunnels behind a translator.
_SILENT = frozenset({"action", "active", "name", "desc", "embedctxt", "edge", "defer", "lsm", "pcross", "skipver"})
_JUDGED = frozenset({"dir", "profile", "protocol", "lport", "rport", "la4", "la6", "ra4", "ra6", "icmp4", "icmp6"}) | {
    *("if", "iftype", "app", "svc", "apppkgid", "luown", "platform", "platform2")
}
_FLAGS = frozenset({"lom", "authbypassout"})  # restrict where they are TRUE
_SECURITY = frozenset({"security", "rmauth", "ruauth", "luauth", "securityrealmid"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where the flow passes: a profile, and the interface with its kind where they are known."""

    profile: str  # domain, private, public
    interface: str = ""
    kind: str = "unknown"  # lan, wireless, ras


def rule_matches(rule: RuleText, flow: Flow, place: Place) -> Match:
    """Everything but action and state. Raises nothing, whatever the text holds."""
    return all_of(_parts(rule, flow, place))


def _parts(rule: RuleText, flow: Flow, place: Place) -> Iterator[Match]:
    yield _direction(rule, flow)
    yield _profiles(rule, place)
    yield _protocol(rule, flow)
    for field, port in (("lport", flow.local_port), ("rport", flow.remote_port)):
        yield _ports(rule, field, port)
    yield _addresses(rule, ("la4", "la6"), flow.local, flow)
    yield _addresses(rule, ("ra4", "ra6"), flow.remote, flow)
    yield _interfaces(rule, place)
    yield _platform(rule, flow.version)
    yield program_matches(rule, flow)
    yield service_matches(rule, flow)
    yield _others(rule)


def _direction(rule: RuleText, flow: Flow) -> Match:
    told = rule.one("dir")
    if told in ("in", "out"):
        return YES if told == flow.direction else NO
    # Without a direction the rule is not valid, and Windows leaves it out.
    return NO if told is None else _strange(rule, "dir")


def _profiles(rule: RuleText, place: Place) -> Match:
    told = {value.lower() for value in rule.fields.get("profile", ())}
    if not told or place.profile in told:
        return YES
    return NO if told <= {"domain", "private", "public"} else _strange(rule, "profile")


def _protocol(rule: RuleText, flow: Flow) -> Match:
    told = rule.one("protocol")
    if told in (None, "256"):
        return _open_if(rule, ("lport", "rport", "icmp4", "icmp6"))
    if not re.fullmatch(r"[0-9]{1,3}", told or ""):
        return _strange(rule, "protocol")
    return YES if str(int(told or "")) == PROTOCOLS[flow.protocol] else NO


def _open_if(rule: RuleText, fields: tuple[str, ...]) -> Match:
    """Ports without a protocol make no valid rule; whether this Windows takes it is not known."""
    return next((_strange(rule, field) for field in fields if field in rule.fields), YES)


def _ports(rule: RuleText, field: str, port: int | None) -> Match:
    values = rule.fields.get(field)
    return YES if values is None else any_of(_port(rule, field, value, port) for value in values)


def _port(rule: RuleText, field: str, value: str, port: int | None) -> Match:
    numbers = _PORTS.match(value)
    if numbers is None:
        known = _KEYWORD_PORTS.get(value.lower())
        if known is not None and port is not None and port not in known:
            return NO
        return maybe(f"it names its ports by a word ({field_name(field)}={value})")
    first = int(numbers.group(1))
    last = int(numbers.group(2) or first)
    if not first <= last <= 65535:
        return _strange(rule, field)
    if port is None:
        return YES if (first, last) in ((0, 65535), (1, 65535)) else maybe(f"the {field_name(field)} is not known")
    return YES if first <= port <= last else NO


def _addresses(rule: RuleText, fields: tuple[str, str], told: str, flow: Flow) -> Match:
    values = [(field, value) for field in fields for value in rule.fields.get(field, ())]
    if not values:
        return YES
    address = address_of(told)
    if address is None:
        return maybe(f"it is for certain addresses ({values[0][1]}), and the {_end(fields)} address is not known")
    return any_of(_address(field, value, address, flow) for field, value in values)


def _address(field: str, value: str, asked: Address, flow: Flow) -> Match:
    family = 4 if field.endswith("4") else 6
    if not re.match(r"[0-9a-f]*[:.]", value, re.IGNORECASE):
        word = value.lower().removesuffix(str(family))
        if asked.version != family and word.isalpha():
            return NO
        if word == "localsubnet":
            return in_own_subnet(asked, address_of(flow.local), flow.networks)
        return maybe(f"it is for addresses named by a word ({field_name(field)}={value})")
    return covers(value, asked)


def _end(fields: tuple[str, str]) -> str:
    return "local" if fields[0].startswith("l") else "remote"


def _interfaces(rule: RuleText, place: Place) -> Match:
    parts = []
    named = rule.fields.get("if")
    if named is not None:
        same = place.interface and place.interface.lower() in (value.lower() for value in named)
        parts.append(YES if same else maybe(f"it is for one interface only (IF={named[0]})"))
    kinds = rule.fields.get("iftype")
    if kinds is not None:
        told = {{"remoteaccess": "ras"}.get(kind.lower(), kind.lower()) for kind in kinds}
        if place.kind in told:
            parts.append(YES)
        elif place.kind != "unknown" and told <= {"lan", "wireless", "ras"}:
            parts.append(NO)
        else:
            parts.append(maybe(f"it is for interfaces of one kind only (IFType={kinds[0]})"))
    return all_of(parts)


def _platform(rule: RuleText, version: str) -> Match:
    values = rule.fields.get("platform")
    if values is None:
        return YES
    wanted = [re.fullmatch(r"[0-9]{1,3}:([0-9]{1,3}):([0-9]{1,3})", value) for value in values]
    here = re.match(r"([0-9]{1,3})\.([0-9]{1,3})", version)
    least = rule.one("platform2")
    if None in wanted or least not in (None, "gteq"):
        return _strange(rule, "platform")
    pairs = [(int(found.group(1)), int(found.group(2))) for found in wanted if found]
    if here is None:
        # Windows 7 and Server 2008 R2 are 6.1: nothing older runs a PowerShell that could have told all this.
        sure = least == "gteq" and min(pairs) <= (6, 1)
        return YES if sure else maybe(f"it is for some versions of Windows only (Platform={values[0]})")
    own = (int(here.group(1)), int(here.group(2)))
    # The operator belongs to the last entry of the list.
    held = own in pairs or (least == "gteq" and own >= pairs[-1])
    return YES if held else NO


def _others(rule: RuleText) -> Match:
    for name in rule.fields:
        if name in _SILENT or name in _JUDGED:
            continue
        if name in _FLAGS and rule.one(name) == "false":
            continue
        if name in _SECURITY:
            return maybe(f"it asks for authentication ({rule.words[name][0]})")
        return _strange(rule, name)
    return YES


def _strange(rule: RuleText, name: str) -> Match:
    return maybe(f"it restricts by a field that is not understood ({rule.words[name][0][:120]})")


def field_name(field: str) -> str:
    """lport -> LPort, as it stands in the registry."""
    return {"lport": "LPort", "rport": "RPort"}.get(field, field.upper())
