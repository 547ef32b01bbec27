"""YAML that comes with the suite (catalogue, tables, the lab's worlds), read fast: it is read at every start.

What people write themselves, an inventory or rulings, goes another way, whose messages and lines are made for them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml import MappingNode, Node, YAMLError
from yaml.constructor import ConstructorError

__all__ = ["Node", "YAMLError", "compose", "load"]
_TAG = "tag:yaml.org,2002:"
if TYPE_CHECKING:
    from yaml import SafeLoader as _Parser
else:  # libyaml, in C, where PyYAML was built with it, as all its wheels are: some ten times as fast
    _Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):
    """Plain scalars by YAML 1.2's core rules, and days; PyYAML's own rules are 1.1's, to which `no` is false."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.looked_at: set[int] = set()  # nodes; one with an anchor comes again, with what it was given by `<<`

    def flatten_mapping(self, node: MappingNode) -> None:
        """Lays a mapping over those that it names with `<<`. Raises ConstructorError for a key that stands twice."""
        if id(node) not in self.looked_at:
            self.looked_at.add(id(node))
            seen: set[str] = set()
            for key, _ in node.value:
                if str(key.value) in seen:
                    raise ConstructorError("in a mapping", node.start_mark, f"{key.value} stands twice", key.start_mark)
                seen.add(str(key.value))
        super().flatten_mapping(node)
        # Each key once, with its last value: PyYAML 6.0.4 mixes up what is laid over twice.
        node.value = list({str(key.value): (key, value) for key, value in node.value}.values())


_Loader.yaml_implicit_resolvers = {}  # none of what the class inherits
for _kind, _form, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", "<<", "<"),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
):
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(rf"(?:{_form})\Z"), list(_first))


def load(text: str) -> Any:
    """Plain values; a day is a date. Raises YAMLError for what is no YAML, or says a key twice."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader's child


def compose(text: str) -> Node | None:
    """The tree of nodes, with lines; None for an empty text. Raises YAMLError."""
    return yaml.compose(text, Loader=_Loader)
