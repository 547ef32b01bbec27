"""The JSON Schema beside the code is current, takes good inventories and refuses what a schema can see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from preflight.topology.schema import SCHEMA_FILE, inventory_schema, schema_text

GOOD = Path(__file__).parent / "good" / "inventory.yaml"
VALIDATOR = jsonschema.Draft202012Validator(inventory_schema())


def good() -> Any:
    return YAML(typ="safe", pure=True).load(GOOD.read_text(encoding="utf-8"))


def test_file_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run: python -m preflight.topology.schema"


def test_is_a_schema_and_takes_the_example() -> None:
    jsonschema.Draft202012Validator.check_schema(inventory_schema())
    VALIDATOR.validate(good())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("features", "clutser"), True),
        (("features", "cluster"), "yes"),
        (("features", "workstation_client"), {"protocol_level": 5}),
        (("hosts", "cml1", "roles"), ["cmll"]),
        (("hosts", "cml1", "manage", "password"), "literal"),
        (("hosts", "cml1", "manage", "password"), {"env": "A", "file": "b"}),
        (("hosts", "crs1", "manage"), "ssh"),
        (("hosts", "bad name"), {"roles": ["cml"], "address": "10.0.0.1"}),
        (("ports", "W01"), 70000),
        (("ports", "web"), 80),
        (("timezone",), None),
    ],
)
def test_refuses(path: tuple[str, ...], value: Any) -> None:
    inventory = good()
    at = inventory
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert not VALIDATOR.is_valid(inventory)
