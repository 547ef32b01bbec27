"""What must hold inside one row beyond the types of its fields: ports and notation, roles, conditions, references.

All checks read the raw data and pass over what has the wrong type: the model complains of that itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from preflight.catalogue.source import Where
from preflight.catalogue.vocabulary import (
    ATTRIBUTES,
    DEVICE_WORDS,
    DIRECTORY,
    FEATURE_VALUES,
    FEATURES,
    PSEUDO_ROLES,
    ROLES,
    SAID,
)

Finding = tuple[Where, str]
MAX_PORT = 65535
_TEXTS = ("requirement", "remedy", "until_set", "purpose", "needs")
_ALONE = (
    "feature",
    "said",
    "terminal",
    "vendor",
    "hardware",
    "delivery",
    "scan",
    "group_min",
    "group_max",
    "any",
    "all",
)


def nearest(word: object, known: Iterable[str]) -> str:
    """The tail of a message that names the word most like this one; empty when none is alike."""
    near = difflib.get_close_matches(str(word), list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def row_findings(row: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything that is wrong inside one row, each with the path of its field."""
    for name in _TEXTS:
        if isinstance(row.get(name), str) and not row[name].strip():
            yield (name,), "is empty: write a sentence"
    yield from _ports(row)
    yield from _pair(row)
    yield from _words(row.get("existing_unless_on"), ("existing_unless_on",), ROLES, "role")
    yield from _words(row.get("asked_of"), ("asked_of",), (*ROLES, DIRECTORY), "role or directory")
    yield from _words(row.get("asked_from"), ("asked_from",), ROLES, "role")
    if row.get("asked_from") and row.get("asked_of") != [DIRECTORY]:
        yield ("asked_from",), "is for items that are asked of a directory"
    yield from _words(row.get("attributes"), ("attributes",), ATTRIBUTES, "attribute of users")
    if row.get("existing_unless_on") and row.get("served_by") != "product":
        yield ("existing_unless_on",), "is for rows with served_by: product"
    applies = row.get("applies")
    for i, condition in enumerate(applies if isinstance(applies, list) else []):
        yield from _condition(condition, ("applies", i))


def _ports(row: Mapping[str, Any]) -> Iterator[Finding]:
    ports, notation = row.get("ports"), row.get("notation")
    if isinstance(ports, str):
        yield from _unnumbered(row, ports, notation)
    if not isinstance(ports, list) or not all(type(p) is int for p in ports):
        return
    for i, port in enumerate(ports):
        if not 1 <= port <= MAX_PORT:
            yield ("ports", i), f"{port} is no port: 1 to {MAX_PORT}"
    if len(set(ports)) < len(ports):
        yield ("ports",), "names a port twice"
    if notation == "one" and len(ports) != 1:
        yield ("ports",), f"notation one needs exactly one port, there are {len(ports)}"
    elif notation in ("slash", "comma", "range") and len(ports) < 2:
        yield ("ports",), f"notation {notation} needs two ports or more, there is {len(ports)}"
    elif notation == "range" and ports != list(range(ports[0], ports[0] + len(ports))):
        yield ("ports",), f"notation range needs every port from first to last in order, not {ports}"
    elif notation in ("dynamic", "configurable"):
        yield ("ports",), f"notation {notation} has no numbers: write dynamic, configurable or '>1023'"


def _unnumbered(row: Mapping[str, Any], ports: str, notation: object) -> Iterator[Finding]:
    fitting = {"dynamic": "dynamic", ">1023": "dynamic", "configurable": "configurable"}
    if ports in fitting and notation in ("one", "slash", "comma", "range", "dynamic", "configurable"):
        if notation != fitting[ports]:
            yield ("notation",), f"ports {ports} need notation {fitting[ports]}, not {notation}"
        if ports == ">1023" and not row.get("sample_of"):
            yield ("ports",), ">1023 needs sample_of, which names the range that the site configures"
        if ports == "dynamic" and not row.get("port_from"):
            yield ("ports",), "dynamic needs port_from, the row whose answer names the port"
        if ports == "configurable" and row.get("configurable") is not True:
            yield ("configurable",), "must be true where ports are configurable, or the site cannot set them"


def _pair(row: Mapping[str, Any]) -> Iterator[Finding]:
    pair = row.get("pair")
    if not isinstance(pair, dict):
        return
    kind = pair.get("kind")
    for end in ("from", "to"):
        yield from _words(pair.get(end), ("pair", end), (*ROLES, *PSEUDO_ROLES), "role")
        value = pair.get(end)
        roles = value if isinstance(value, list) else []
        if "server" in roles and kind not in ("served", "broadcast"):
            yield ("pair", end), f"server has a meaning for served and broadcast pairs; kind {kind} needs real roles"
        if "localhost" in roles and (kind, end) != ("same_host", "from"):
            yield ("pair", end), "localhost is for `from` of same_host pairs"


def _condition(condition: object, where: Where) -> Iterator[Finding]:
    if not isinstance(condition, dict):
        return
    given = [key for key in _ALONE if key in condition]
    if len(given) > 1 or not condition.keys() - {"is"}:  # a key that nobody knows is the model's to name
        what = " and ".join(given) if given else "none"
        yield where, f"a condition has exactly one of {', '.join(_ALONE)}; this one has {what}"
    feature = condition.get("feature")
    if isinstance(feature, str) and feature not in FEATURES:
        yield (*where, "feature"), f"unknown feature {feature}{nearest(feature, FEATURES)}"
    said = condition.get("said")
    if isinstance(said, str) and said not in SAID:
        yield (*where, "said"), f"unknown key of the checklist {said}{nearest(said, SAID)}"
    if "is" in condition and "feature" not in condition:
        yield (*where, "is"), "goes with feature only"
    if isinstance(feature, str) and feature in FEATURE_VALUES:
        yield from _words(condition.get("is"), (*where, "is"), FEATURE_VALUES[feature], f"value of {feature}")
    for key, known in DEVICE_WORDS.items():
        yield from _words(condition.get(key), (*where, key), known, key)
    for key in ("any", "all"):
        inner = condition.get(key)
        for i, part in enumerate(inner if isinstance(inner, list) else []):
            yield from _condition(part, (*where, key, i))


def _words(value: object, where: Where, known: tuple[object, ...], kind: str) -> Iterator[Finding]:
    if not isinstance(value, list):
        return
    if not value:
        yield where, f"is empty: name at least one {kind}"
    for i, word in enumerate(value):
        if isinstance(word, str | int) and word not in known:
            yield (*where, i), f"unknown {kind} {word}{nearest(word, map(str, known))}"
