"""A YAML file as plain values with the line of every key; what YAML itself allows and an inventory does not."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from preflight.errors import InventoryError
from preflight.topology.nearest import shown
from preflight.topology.problems import Path, Place, Problems

MAX_DEPTH = 20
MAX_NODES = 200_000  # aliases can make a small file huge
SECRET_KEYS = frozenset({"password", "passwd", "pwd", "passphrase", "secret", "token", "community"})
REFERENCE_FORMS = "write {env: NAME}, {file: PATH} or {prompt: 'text'}"
_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?[0-9]{1,20}\Z")
_FLOAT = re.compile(r"[-+]?([0-9]{1,20}\.[0-9]{0,20}|\.[0-9]{1,20})\Z")


@dataclass(frozen=True, slots=True)
class Kind:
    """How messages speak of a file."""

    name: str = "the inventory"
    least: str = "an inventory says at least customer, site and hosts"
    start: str = "an inventory starts with lines like `customer: NAME`"
    nesting: str = "an inventory needs no such nesting or aliases"
    may_be_empty: bool = False


INVENTORY = Kind()


@dataclass(slots=True)
class Document:
    """The values of one YAML file; `faulty` are paths that have been complained of and left out."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    faulty: set[Path] = field(default_factory=set)

    def place(self, *path: str | int) -> Place:
        """The place of a path in this file."""
        return Place(self.file, path, self.lines)


def read_text(path: FilePath, what: str, at: Place, problems: Problems) -> str | None:
    """The file's text with `\\n` line ends and no byte order mark; None, with a problem, when it cannot be had.

    `what` names the kind of file; `at` is where its path was given.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        problems.add(at, f"there is no such {what}: {path}; give the path of a file that exists")
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        problems.add(at, f"the {what} {path} cannot be read: {reason}; give a file that you may read")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.add(Place(str(path), (), {(): line}), f"not UTF-8; save the {what} as UTF-8 (Excel: CSV UTF-8)")
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(text: str, file: str, problems: Problems, kind: Kind = INVENTORY) -> Document:
    """Compose the YAML and turn it into plain values. Raises InventoryError where no tree can be made at all."""
    document = Document(file)
    root = _compose(text, document)
    if root is None:
        if not kind.may_be_empty:
            problems.add(document.place(), f"the file is empty; {kind.least}")
    elif not isinstance(root, MappingNode):
        problems.add(document.place(), f"the file is not a mapping; {kind.start}")
    else:
        document.data = _Converter(document, problems, kind).mapping(root, ())
    return document


def _compose(text: str, document: Document) -> Node | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ReusedAnchorWarning)  # its text would quote the lines
            root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except ReusedAnchorWarning:
        raise _syntax(document, "an anchor (&name) stands twice; give each its own name") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.lines[()] = mark.line + 1 if mark else 1
        # The parser quotes what it stumbled over, and that may be part of a secret.
        cause = re.sub(r" ?'[^'\s<]{2,}'", "", error.problem or error.context or "cannot be read").strip()
        raise _syntax(document, cause) from None
    except ReaderError as error:
        document.lines[()] = text.count("\n", 0, error.position) + 1
        raise _syntax(document, f"the character #x{_code(error.character):04x} may not stand here") from None
    except RecursionError:
        raise _syntax(document, "nested too deep") from None
    except Exception as error:  # the parser may fail in its own ways on text that is no YAML
        raise _syntax(document, f"cannot be read ({type(error).__name__})") from None
    return root


def _code(character: int | str) -> int:
    return character if isinstance(character, int) else ord(character[:1])


def _syntax(document: Document, cause: str) -> InventoryError:
    hint = "check indentation, colons, brackets and quotes; text with * & ! % @ : # goes in quotes"
    return InventoryError(f"{document.place()}: not YAML: {cause}; {hint}")


class _Converter:
    """Nodes to plain values, noting lines, repeated keys, empty values and literal secrets."""

    def __init__(self, document: Document, problems: Problems, kind: Kind) -> None:
        self.document = document
        self.problems = problems
        self.kind = kind
        self.nodes = 0

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._complain(path, line, "a key must be plain text, not a list or mapping")
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in first:
                self._complain(here, line, f"written twice, first on line {first[key]}; keep one of the two")
                continue
            first[key] = line
            self.document.lines.setdefault(here, line)
            if _is_null(value_node):
                self._complain(here, line, "nothing is written behind it; give a value or remove the line")
            elif key.lower() in SECRET_KEYS and isinstance(value_node, ScalarNode):
                self._complain(here, line, f"a secret may not stand in {self.kind.name}; {REFERENCE_FORMS}")
            else:
                values[key] = self._value(value_node, here)
        return values

    def _value(self, node: Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) > MAX_DEPTH:
            self._complain(path, line, f"too deep or too large; {self.kind.nesting}")
            return ""
        if isinstance(node, MappingNode) and _kind(node) == "map":
            return self.mapping(node, path)
        if isinstance(node, SequenceNode) and _kind(node) == "seq":
            items = []
            for index, item in enumerate(node.value):
                self.document.lines.setdefault((*path, index), item.start_mark.line + 1)
                items.append(self._value(item, (*path, index)))
            return items
        if isinstance(node, ScalarNode) and _kind(node) in _SCALARS:
            return _scalar(node)
        self._complain(path, line, f"tags like {shown(_kind(node))} are not used here; remove the tag")
        return ""

    def _complain(self, path: Path, line: int, sentence: str) -> None:
        self.document.faulty.add(path)
        self.problems.add(Place(self.document.file, path, {path: line}), sentence)


_SCALARS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "merge", "value"})


def _kind(node: Node) -> str:
    return str(node.tag).removeprefix(_TAG)


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and _kind(node) == "null"


def _scalar(node: ScalarNode) -> str | int | float | bool | None:
    """A scalar by YAML 1.2's core rules; what is tagged a number and is none stays text."""
    kind, text = _kind(node), str(node.value)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int" and _INT.match(text):
        return int(text)
    if kind == "float" and _FLOAT.match(text):
        return float(text)
    return text
