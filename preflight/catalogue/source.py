"""A YAML file as plain data, with the line on which each value stands, so that an error can name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yaml import MappingNode, MarkedYAMLError, Node, SequenceNode, YAMLError

from preflight.errors import CatalogueError
from preflight.values.shipped_yaml import compose

Where = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Source:
    """One file that was read: its data, and the line of each key and item by its path in the data."""

    path: Path
    data: Any
    lines: dict[Where, int] = field(default_factory=dict)

    def line(self, where: Where) -> int:
        """Line of the value, or of the nearest one around it that the file has."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


def read_source(path: Path, text: str) -> Source:
    """Plain data of a YAML text. Raises CatalogueError for broken YAML, a key given twice, or an anchor in itself."""
    try:
        root = compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise CatalogueError(f"{path}:{mark.line + 1 if mark else 1}: not YAML: {error.problem}") from None
    except YAMLError as error:
        raise CatalogueError(f"{path}:1: not YAML: {' '.join(str(error).split())}") from None
    lines: dict[Where, int] = {}
    faults: list[str] = []

    def plain(node: Node, where: Where, around: tuple[Node, ...]) -> Any:
        if node in around:
            faults.append(f"{path}:{node.start_mark.line + 1}: not YAML that ends: an anchor that holds itself")
            return None
        if isinstance(node, MappingNode):
            return dict(pairs(node, where, (*around, node)))
        if isinstance(node, SequenceNode):
            for i, item in enumerate(node.value):
                lines[*where, i] = item.start_mark.line + 1
            return [plain(item, (*where, i), (*around, node)) for i, item in enumerate(node.value)]
        return _scalar(str(node.tag), str(node.value))

    def pairs(node: MappingNode, where: Where, around: tuple[Node, ...]) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in seen:
                faults.append(f"{path}:{line}: field {key}: given twice, first on line {seen[key]}; remove one")
                continue
            seen[key] = line
            lines[*where, key] = line
            yield key, plain(value_node, (*where, key), around)

    data = None if root is None else plain(root, (), ())
    if faults:
        raise CatalogueError("\n".join(faults))
    return Source(path, data, lines)


def _scalar(tag: str, text: str) -> Any:
    kind = tag.removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        try:
            return int(text, 0)
        except ValueError:  # 0755 and the like: left as written, so that the message shows it
            return text
    return text
