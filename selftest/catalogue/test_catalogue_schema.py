"""The JSON Schema, the vocabulary and docs/rows.md are what the model, the topology and the catalogue say."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from preflight.catalogue import vocabulary
from preflight.catalogue.complaints import field_names
from preflight.catalogue.loader import SHIPPED, load_catalogue
from preflight.catalogue.model import SECTIONS, CheckRow, FlowRow
from preflight.catalogue.schema import FIELDS, SCHEMA_FILE, catalogue_schema, schema_text
from preflight.catalogue.table import BEGIN, END, render_table, renewed
from preflight.topology import model as topology
from preflight.topology.directory_model import USER_ATTRIBUTES
from preflight.topology.schema import inventory_schema

PAGE = Path(__file__).parents[2] / "docs" / "rows.md"
ACME = Path(__file__).parent / "acme-2"
RENEW = "python -m preflight.catalogue"


def _load(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def _validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(catalogue_schema())
    return jsonschema.Draft202012Validator(catalogue_schema())


def test_schema_file_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), f"run {RENEW}.schema"


@pytest.mark.parametrize("section", SECTIONS)
def test_shipped_section_fits_the_schema(section: str) -> None:
    path = SHIPPED / f"{section}.yaml"
    assert [error.message for error in _validator().iter_errors(_load(path))] == []
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema=../{SCHEMA_FILE.name}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rows", 0, "remdy"), "x"),
        (("rows", 0, "ports"), [0]),
        (("rows", 0, "ports"), ["80"]),
        (("rows", 0, "notation"), "on"),
        (("rows", 0, "kind"), "flow"),
        (("rows", 0, "pair", "from"), ["cmll"]),
        (("rows", 0, "applies", 1, "feature"), "ldp"),
        (("rows", 0, "applies", 0, "any", 0, "terminal"), ["rico"]),
        (("section",), "server"),
        (("rows",), []),
    ],
    ids=str,
)
def test_schema_refuses(path: tuple[str | int, ...], value: object) -> None:
    data = _load(ACME / "printer_to_server.yaml")
    assert _validator().is_valid(data)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert not _validator().is_valid(data)


def test_every_field_is_described_for_editors() -> None:
    assert set(FIELDS) == set(field_names(CheckRow)) | set(field_names(FlowRow))


def test_vocabulary_is_the_topology_s() -> None:
    hints = typing.get_type_hints(topology.Features)
    assert vocabulary.ROLES == topology.ROLES
    assert vocabulary.ATTRIBUTES == USER_ATTRIBUTES
    assert [field.name for field in dataclasses.fields(topology.Features)] == list(vocabulary.FEATURES)
    assert vocabulary.EMBEDDED_TERMINALS == topology.EMBEDDED_TERMINALS
    assert vocabulary.DEVICE_WORDS["hardware"] == topology.HARDWARE_TERMINALS
    assert vocabulary.FEATURE_VALUES["database"] == typing.get_args(hints["database"])
    assert set(vocabulary.FEATURE_VALUES) <= set(vocabulary.FEATURES)
    assert not set(vocabulary.PSEUDO_ROLES) & set(topology.ROLES)


def test_words_are_those_of_the_inventory() -> None:
    """A word that no inventory can say would switch a row off for ever."""
    enums = set(_enums(inventory_schema()))
    for words in (vocabulary.FEATURE_VALUES["ldap"], *(vocabulary.DEVICE_WORDS[k] for k in ("hardware", "delivery"))):
        assert frozenset(words) in enums
    assert frozenset(vocabulary.EMBEDDED_TERMINALS) in enums
    assert frozenset(vocabulary.DEVICE_WORDS["scan"]) in enums


def _enums(part: Any) -> Iterator[frozenset[Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("enum"), list):
            yield frozenset(part["enum"])
        for value in part.values():
            yield from _enums(value)
    elif isinstance(part, list):
        for value in part:
            yield from _enums(value)


def test_page_of_rows_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page, load_catalogue()) == page, f"run {RENEW}.table docs/rows.md"


def test_table_has_a_line_a_row() -> None:
    catalogue = load_catalogue(ACME)
    lines = render_table(catalogue).splitlines()
    assert [line.split(" | ")[0].strip("| ") for line in lines[2:]] == [row.id for row in catalogue.rows]
    assert renewed(f"a\n{BEGIN}\nold\n{END}\nb\n", catalogue).count("D02") == 1


def test_example_of_the_page_loads(tmp_path: Path) -> None:
    """The row that docs/rows.md shows is a row."""
    example = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    (tmp_path / "product.yaml").write_bytes((ACME / "product.yaml").read_bytes())
    (tmp_path / "other.yaml").write_text(f"section: other\nrows:\n{example}", encoding="utf-8")
    assert [row.id for row in load_catalogue(tmp_path).rows] == ["O18"]
