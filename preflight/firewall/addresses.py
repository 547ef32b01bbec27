"""Addresses as packet filters write them: one, a range, a subnet by prefix or mask."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from preflight.firewall.tri import NO, YES, Match, maybe

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(text: str) -> Address | None:
    """An address without its zone, an IPv4 address in IPv6 dress as IPv4; None where it is none."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def covers(text: str, address: Address) -> Match:
    """Whether 10.0.0.1, 10.0.0.1-10.0.0.9, 10.0.0.0/8 or 10.0.0.0/255.0.0.0 covers an address."""
    begin, dash, end = text.partition("-")
    if dash:
        return _between(address_of(begin), address_of(end), address, text)
    base, slash, length = text.partition("/")
    network = address_of(base)
    if network is None:
        return maybe(f"the address {text} is not understood")
    mask = _mask(length, network) if slash else _ones(network)
    if mask is None:
        return maybe(f"the subnet {text} is not understood")
    if network.version != address.version:
        return NO
    return YES if int(network) & mask == int(address) & mask else NO


def in_own_subnet(address: Address, local: Address | None, networks: Iterable[str]) -> Match:
    """Whether an address lies in a subnet that the host itself is in; `networks` are its addresses with prefixes."""
    beside = False
    known = False
    for text in networks:
        own = address_of(text.partition("/")[0])
        if own is None or own.version != address.version or own.is_loopback:
            continue
        known = True
        inside = covers(text, address).answer == "yes"
        if inside and (local is None or own == local or covers(text, local).answer == "yes"):
            return YES
        beside = beside or inside
    if beside:
        return maybe("it is in the subnet of another interface of the host")
    return NO if known else maybe("the host's own subnets are not known")


def _between(begin: Address | None, end: Address | None, address: Address, text: str) -> Match:
    if begin is None or end is None or begin.version != end.version or int(begin) > int(end):
        return maybe(f"the range {text} is not understood")
    return YES if begin.version == address.version and int(begin) <= int(address) <= int(end) else NO


def _ones(address: Address) -> int:
    return (1 << address.max_prefixlen) - 1


def _mask(text: str, network: Address) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 3:
        length = int(text)
        if length > network.max_prefixlen:
            return None
        return _ones(network) ^ ((1 << (network.max_prefixlen - length)) - 1)
    mask = address_of(text)
    return int(mask) if mask is not None and mask.version == network.version == 4 else None
