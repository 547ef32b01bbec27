"""JSON Schema of inventory.yaml, for editors: `python -m preflight.topology.schema` writes it beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from preflight.topology.raw import RawInventory

SCHEMA_FILE = Path(__file__).with_name("inventory.schema.json")


def inventory_schema() -> dict[str, Any]:
    """The schema: keys, types, words and forms. Only the loader checks that names exist."""
    schema: dict[str, Any] = _plain(RawInventory.model_json_schema(mode="validation"))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "SafeQ Preflight inventory"}


def schema_text() -> str:
    """The schema as it is kept in the file."""
    return json.dumps(inventory_schema(), indent=1, ensure_ascii=False) + "\n"


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
