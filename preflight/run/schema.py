"""The JSON Schema of run.json; `python -m preflight.run.schema` writes it anew beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from preflight.run.model import SCHEMA_VERSION, Run

SCHEMA_FILE = Path(__file__).with_name("run.schema.json")


def run_schema() -> dict[str, Any]:
    """Draft 2020-12 schema of a run.json as this version writes it."""
    schema = Run.model_json_schema(mode="serialization")
    name = f"urn:safeq-preflight:run.json:{SCHEMA_VERSION}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": name} | schema


def schema_text() -> str:
    """The text of run.schema.json."""
    return json.dumps(run_schema(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8", newline="\n")
