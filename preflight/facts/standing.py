"""The standing facts, which every survey gathers, as kinds: system, listeners, product, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.values.observation import Socket

# What the agents say of a table that was too long for one answer.
_CUT = re.compile(r"([0-9]{1,9}) of ([0-9]{1,9}) (?:sockets|lines) are listed")


@dataclass(frozen=True, slots=True)
class System:
    """The operating system, and the account that asked."""

    hostname: str
    family: str
    name: str
    version: str
    user: str
    elevated: bool


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the host and its prefix length."""

    interface: str
    address: str
    prefix: int


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the product."""

    name: str
    display: str
    state: str
    path: str


def lines(value: Any, what: str) -> list[dict[str, Any]]:
    """A list of objects, or UnobservedError: an agent's answer is never taken for granted."""
    if not isinstance(value, list) or not all(isinstance(line, dict) for line in value):
        raise UnobservedError(f"what was told of {what} has not the shape that the contract promises")
    return value


def _system(told: Told) -> System:
    value = told.value("system")
    return System(*(value[key] for key in ("hostname", "family", "name", "version", "user", "elevated")))


def _listeners(told: Told) -> list[Socket]:
    cut = _CUT.search(told.remark("listeners"))  # other remarks are about owners
    if cut and int(cut[1]) < int(cut[2]):
        raise UnobservedError(
            f"{told.host} told only a part of listeners ({cut[0]})", "Look what opens so many, or look at it by hand."
        )
    return [Socket(**line) for line in lines(told.value("listeners"), "listeners")]


def _services(told: Told) -> list[Service]:
    found = lines(told.value("services"), "services")
    return [Service(line["name"], line["display"], line["state"], line["path"]) for line in found]


def _addresses(told: Told) -> list[Address]:
    found = lines(told.value("addresses"), "addresses")
    return [Address(line["interface"], line["address"], line["prefix"]) for line in found]


SYSTEM = FactKind("system", _system, rests_on=("system",))
LISTENERS = FactKind("listeners", _listeners, rests_on=("listeners",))
PRODUCT = FactKind("product", _services, rests_on=("services",))
ADDRESSES = FactKind("addresses", _addresses, rests_on=("addresses",))
