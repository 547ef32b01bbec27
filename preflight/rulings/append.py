"""Adds entries to the text of attestations.yaml: what stands in it stays as it is, comments included."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from preflight.errors import InventoryError

KEY = "attestations"
HEAD = """\
# What a person has looked at where the suite could not; `preflight attest` adds to it.
# An attestation lies over unverified cases only, until midnight of its last day in the site's time zone.
"""
Entries = Sequence[Mapping[str, Any]]


def block(entries: Entries, indent: int = 2) -> str:
    """The entries as lines of the list."""
    yaml, stream = _yaml(), io.StringIO()
    yaml.indent(mapping=2, sequence=2, offset=0)
    yaml.dump([_mapping(entry) for entry in entries], stream)
    return "".join(" " * indent + line for line in stream.getvalue().splitlines(keepends=True))


def _mapping(entry: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(entry)
    for key, value in told.items():
        if isinstance(value, list):
            told[key] = CommentedSeq(value)
            told[key].fa.set_flow_style()
        elif isinstance(value, date):
            told[key] = value.replace()  # one and the same object twice would be written as an alias
    return told


def appended(text: str, entries: Entries) -> str:
    """The text with the entries at the end of its list.

    Where the list is the last thing of the file and written in lines, nothing before the new lines changes; else the
    file is written anew with its comments. Raises InventoryError rather than lose or change an entry.
    """
    wanted = [*_entries(text), *_plain(block(entries, 0))]
    for make in (_behind, _anew):
        new = make(text, entries)
        if new is not None and _entries(new) == wanted:
            return new
    raise InventoryError("attestations.yaml: nothing can be added without changing what stands in it; add it by hand")


def _behind(text: str, entries: Entries) -> str | None:
    root = _yaml().compose(text)
    ended = text if not text or text.endswith("\n") else f"{text}\n"
    if root is None or (isinstance(root, ScalarNode) and not root.value):
        return f"{ended or HEAD}{KEY}:\n{block(entries)}"
    if not isinstance(root, MappingNode) or not root.value:
        return None
    listed = root.value[-1][1]
    if not isinstance(listed, SequenceNode) or listed.flow_style or not listed.value:
        return None
    return f"{ended}{block(entries, listed.start_mark.column)}"


def _anew(text: str, entries: Entries) -> str | None:
    yaml = _yaml()
    data = yaml.load(text)
    if not isinstance(data, dict) or not isinstance(data.get(KEY), list):
        return None
    data[KEY].fa.set_block_style()
    data[KEY].extend(_mapping(entry) for entry in entries)
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _entries(text: str) -> list[Any]:
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except Exception:  # what was made is no YAML: it is not taken
        return []
    found = data.get(KEY) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def _plain(text: str) -> list[Any]:
    found: list[Any] = YAML(typ="safe", pure=True).load(text)
    return found


def _yaml() -> YAML:
    yaml = YAML()  # keeps comments, order and quotes
    yaml.preserve_quotes = True
    yaml.width = 4096  # folds no line of anybody's
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
