"""JSON Schema of inventory.yaml, for editors: `python -m preflight.topology.schema` writes it beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from preflight.topology.raw import RawInventory

SCHEMA_FILE = Path(__file__).with_name("inventory.schema.json")


def inventory_schema() -> dict[str, Any]:
    """The schema: keys, types, words and forms. Only the loader checks that names exist."""
    return schema_of(RawInventory, "SafeQ Preflight inventory")


def schema_of(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The schema of a file that is written by hand."""
    schema: dict[str, Any] = _plain(model.model_json_schema(mode="validation"))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def schema_text(schema: dict[str, Any] | None = None) -> str:
    """A schema, that of the inventory if none is given, as it is kept in its file."""
    return json.dumps(inventory_schema() if schema is None else schema, indent=1, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    """Without pydantic's titles, and without null: the loader takes an empty value for a mistake."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {k: _plain(v) for k, v in value.items() if not (k == "title" and isinstance(v, str))}
    if plain.get("default", 0) is None:
        del plain["default"]
    if "patternProperties" in plain:
        plain["additionalProperties"] = False
    if "anyOf" in plain:
        plain["anyOf"] = [item for item in plain["anyOf"] if item != {"type": "null"}]
        if len(plain["anyOf"]) == 1:
            plain |= plain.pop("anyOf")[0]
    return plain


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8", newline="\n")
