"""JSON Schema of a section file, made from the model and the vocabulary, so that editors complete and check rows.

`python -m preflight.catalogue.schema` writes it to catalogue.schema.json beside this file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from preflight.catalogue.model import SECTIONS, CheckRow, FlowRow
from preflight.catalogue.vocabulary import CHECK_SECTIONS, DEVICE_WORDS, FEATURES, PSEUDO_ROLES, ROLES

SCHEMA_FILE = Path(__file__).parent / "catalogue.schema.json"

# What an editor shows beside a key.
FIELDS = {
    "id": "A capital and two digits, unique in the catalogue.",
    "level": "Whether the page demands the row; decides how a failure weighs.",
    "when": "The page's condition, in words; `applies` says it for the program.",
    "protocol": "tcp or udp.",
    "ports": "The numbers as the page writes them, in its order; dynamic, configurable or '>1023' where it has none.",
    "notation": "How the page writes them: one; slash (any or all); comma and range (all of them); no number.",
    "from": "Who connects, in the page's words.",
    "to": "Who is connected to, in the page's words.",
    "purpose": "What the flow is for.",
    "carries": "The protocol that the page names.",
    "volume": "How much is carried.",
    "encrypted": "True where the page says that it is.",
    "settings": "The product's properties that move or bind the port, or switch it.",
    "configurable": "True where the page lets the port be changed: the inventory's `ports` may then set it.",
    "needs": "What the checklist item asks for.",
    "site_says": "What only the site can tell.",
    "asked_of": "Roles of the hosts that the item is asked of, one case a host, or `directory`; none: it cannot be "
    "asked yet.",
    "asked_from": "Roles whose machines ask the global catalogue of the item's directory in TLS, where the inventory "
    "has one: the page has no row for that port.",
    "attributes": "Users' attributes that the item is about, by the inventory's names (directory.attributes): where "
    "the site says `false` of all of them, the item does not apply.",
    "facts": "Facts (preflight/facts) that the item's test reads beside the standing ones.",
    "requirement": "One sentence in our own words: what must be true, with ports and ends.",
    "remedy": "One or two sentences: what to do, or whom to ask, when it fails.",
    "until_set": "What to write into the inventory about the row's ports: said behind the remedy until it is there.",
    "pair": "How source and destination are paired, in roles.",
    "applies": "Conditions that must all hold for the row to apply; without any it always does.",
    "served_by": "product: nothing listens before it is installed; existing: there already; device; platform: Windows.",
    "existing_unless_on": "A product port is `existing` where the destination has none of these roles.",
    "scan_server": "features.scan.<this>.server of the inventory, where given, takes the destination's place.",
    "speak": "A protocol to speak after connecting, for better evidence.",
    "fallback_port": "Asked instead where something else holds the port.",
    "port_from": "Id of the row whose answer names the port.",
    "sample_of": "Which configured FTP range a '>1023' row is sampled from.",
    "restricted_from": "A second place that should NOT reach the port; reaching it is an advisory.",
    "restricted_when": "always, or only after installation.",
    "silence": "What it means that nobody listens after installation.",
    "by_address": "The server knows devices by their address: translation on the way is a finding.",
    "note": "The page's own contradictions, and our readings, marked as such.",
}


def catalogue_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one section file of a catalogue folder."""
    _, top = models_json_schema([(CheckRow, "validation"), (FlowRow, "validation")], by_alias=True)
    defs: dict[str, Any] = top["$defs"]
    for name in ("CheckRow", "FlowRow"):
        _shape_row(defs[name])
    _list_words(defs["Condition"]["properties"], DEVICE_WORDS)
    defs["Condition"]["properties"]["feature"] = {"enum": list(FEATURES)}
    _list_words(defs["Pair"]["properties"], dict.fromkeys(("from", "to"), (*ROLES, *PSEUDO_ROLES)))
    _list_words(defs["FlowRow"]["properties"], {"existing_unless_on": ROLES})
    checks = [name for name in SECTIONS if name in CHECK_SECTIONS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Section of a Preflight catalogue",
        "type": "object",
        "properties": {"section": {"enum": list(SECTIONS), "description": "The file's own name."}, "rows": True},
        "required": ["section", "rows"],
        "additionalProperties": False,
        "if": {"properties": {"section": {"enum": checks}}},
        "then": {"properties": {"rows": _rows_of("CheckRow")}},
        "else": {"properties": {"rows": _rows_of("FlowRow")}},
        "$defs": defs,
    }


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(catalogue_schema(), indent=2, ensure_ascii=False) + "\n"


def _rows_of(name: str) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": {"$ref": f"#/$defs/{name}"}}


def _shape_row(row: dict[str, Any]) -> None:
    for key in ("section", "kind"):  # said once, by the file
        row["properties"].pop(key, None)
    row["required"] = [key for key in row["required"] if key != "section"]
    for key, value in row["properties"].items():
        value.pop("title", None)
        value["description"] = FIELDS[key]
    if "ports" in row["properties"]:
        numbers = row["properties"]["ports"]["anyOf"][0]
        numbers.update(minItems=1, uniqueItems=True, items={"type": "integer", "minimum": 1, "maximum": 65535})


def _list_words(properties: dict[str, Any], words: dict[str, tuple[str, ...]]) -> None:
    for key, known in words.items():
        described = {k: v for k, v in properties[key].items() if k == "description"}
        properties[key] = {"type": "array", "minItems": 1, "items": {"enum": list(known)}, **described}


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8", newline="\n")
