"""pydantic's errors as sentences for whoever edits a catalogue: what is wrong in which field, what would be right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from preflight.catalogue.checks import Finding, nearest
from preflight.catalogue.model import Condition, Pair
from preflight.catalogue.source import Where

PORTS = "a list of numbers, or one of dynamic, configurable, '>1023'"


def model_findings(model: type[BaseModel], data: Mapping[str, Any]) -> tuple[Any, list[Finding]]:
    """The validated value, or None and everything that the model finds wrong.

    Validation is strict and of JSON: lists may stand for tuples, but "80" is no number and 5 is no text.
    """
    try:
        return model.model_validate_json(json.dumps(data), strict=True), []
    except ValidationError as error:
        findings: dict[Where, str] = {}
        for problem in error.errors(include_url=False):
            where = tuple(problem["loc"])
            if where[:1] == ("ports",) and problem["type"] != "missing":
                where = ("ports",)  # each branch of the union has its own complaint; one is enough
                findings[where] = f"{data.get('ports')!r} is not {PORTS}"
            else:
                findings.setdefault(where, _sentence(model, where, problem))
        return None, list(findings.items())


def field_names(model: type[BaseModel]) -> list[str]:
    """The keys of a model as they are written in YAML; section and kind of a row come from its file."""
    names = [info.alias or name for name, info in model.model_fields.items()]
    return [name for name in names if name not in ("section", "kind")] if "section" in names else names


def _sentence(model: type[BaseModel], where: Where, problem: Mapping[str, Any]) -> str:
    kind, given = problem["type"], problem.get("input")
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        nested: dict[str, type[BaseModel]] = {"pair": Pair, "applies": Condition}
        inside = nested.get(str(where[0])) if len(where) > 1 else None
        known = field_names(inside or model)
        return "unknown key" + (nearest(where[-1], known) or f"; known are {', '.join(known)}")
    if kind == "literal_error":
        expected = problem["ctx"]["expected"]
        words = expected.replace(" or ", ", ").replace("'", "").split(", ")
        return f"{given!r} is not one of {expected}{nearest(given, words)}"
    if kind == "string_pattern_mismatch":
        return f"{given!r} is no row id: a capital and two digits, as S03"
    if kind == "string_type" and isinstance(given, int | float):
        return f'{given!r} is a number where a text belongs: put it in quotes, "{given}"'
    return f"{given!r}: {problem['msg'][:1].lower()}{problem['msg'][1:]}"
