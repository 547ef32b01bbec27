"""The contract as a JSON Schema, for agents in other languages and for people. `python -m preflight.agents.schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from preflight.agents import contract, contract_facts

SCHEMA_FILE = Path(__file__).with_name("contract.schema.json")
REQUESTS = (
    contract.Hello,
    contract.Beat,
    contract.Gather,
    contract.Listen,
    contract.Close,
    contract.Exchange,
    contract.Release,
)
EVENTS = (
    contract.HelloEvent,
    contract.FactEvent,
    contract.ListenerEvent,
    contract.ReadyEvent,
    contract.HeardEvent,
    contract.ClosedEvent,
    contract.ResultEvent,
    contract.DoneEvent,
    contract.FaultEvent,
)


def contract_schema() -> dict[str, Any]:
    """Schema of one line in either direction; `$defs` holds requests, events and, under Fact_*, the facts' values."""
    both = [(model, "validation") for model in (*REQUESTS, *EVENTS)]
    _, definitions = models_json_schema(both, ref_template="#/$defs/{model}")  # type: ignore[arg-type]
    defs: dict[str, Any] = definitions["$defs"]
    for name, adapter in contract_facts.FACT_TYPES.items():
        fact = _plain(adapter)
        defs.update(fact.pop("$defs", {}))
        defs[f"Fact_{name}"] = fact
    defs["Request"] = {"oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in REQUESTS]}
    defs["Event"] = {"oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in EVENTS]}
    _require_tags(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"SafeQ Preflight agents' contract, version {contract.CONTRACT_VERSION}",
        "description": (contract.__doc__ or "").strip(),
        "oneOf": [{"$ref": "#/$defs/Request"}, {"$ref": "#/$defs/Event"}],
        "$defs": dict(sorted(defs.items())),
    }


def _plain(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    return adapter.json_schema(ref_template="#/$defs/{model}")


def _require_tags(defs: dict[str, Any]) -> None:
    """A request without `do` is none, though the model in Python fills it in."""
    for model in REQUESTS:
        definition = defs[model.__name__]
        definition["required"] = sorted({"do", *definition.get("required", ())})


def schema_text() -> str:
    """What the file holds."""
    return json.dumps(contract_schema(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
