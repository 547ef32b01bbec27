"""The keys of waivers.yaml and attestations.yaml as they are written: for checking and for JSON Schema."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, create_model

from preflight.topology.raw_base import Raw, listed_word
from preflight.topology.scalars import Checked, Name, RowId, Text, matching, text_up_to

_DATE = r"\d{4}-\d\d-\d\d"


def _day(value: str) -> str:
    try:
        if re.fullmatch(_DATE, value, re.ASCII):
            date.fromisoformat(value)
            return value
    except ValueError:
        pass
    raise ValueError(f"{value[:60]!r} is no date; write the last day on which it holds, as 2027-01-31")


def _one_line(value: Any) -> Any:
    """YAML's folded texts end in a line break."""
    return " ".join(value.split()) if isinstance(value, str) else value


RowGlob = Annotated[str, matching("a row id or glob", r"[A-Z0-9*?\[\]!-]{1,16}", "one like C09 or P*")]
HostGlob = Annotated[str, matching("a host or glob", r"[A-Za-z0-9_.*?\[\]!-]{1,64}", "one like cml1 or mfp*")]
_SOME = Field(min_length=1)
Rows = Annotated[
    list[RowId], _SOME, BeforeValidator(listed_word, json_schema_input_type=RowId | Annotated[list[RowId], _SOME])
]
RowGlobs = Annotated[
    list[RowGlob],
    _SOME,
    BeforeValidator(listed_word, json_schema_input_type=RowGlob | Annotated[list[RowGlob], _SOME]),
]
HostGlobs = Annotated[
    list[HostGlob],
    _SOME,
    BeforeValidator(listed_word, json_schema_input_type=HostGlob | Annotated[list[HostGlob], _SOME]),
]
Day = Annotated[str, Checked(_day, {"format": "date", "pattern": f"^{_DATE}$"})]
Reason = Annotated[str, text_up_to(1000), BeforeValidator(_one_line, json_schema_input_type=str)]


class RawScope(Raw):
    """Whom a ruling is for, and who stands behind it."""

    hosts: HostGlobs | None = None
    source: HostGlobs | None = None
    destination: HostGlobs | None = None
    asked_by: Text
    approved_by: Text
    reason: Reason
    until: Day


class RawWaiver(RawScope):
    """One of `waivers`: what the site accepts although it is not as required."""

    id: Name
    requirement: RowGlobs
    ticket: Text


class RawAnswer(RawScope):
    """What a person says about one row: an attestation that has no id yet."""

    requirement: Rows
    ticket: Text | None = None


class RawAttestation(RawAnswer):
    """One of `attestations`: what a person has looked at, where the suite could not."""

    id: Name


class RawWaiverFile(Raw):
    """waivers.yaml as a whole."""

    waivers: list[RawWaiver] = Field(default_factory=list)


class RawAttestationFile(Raw):
    """attestations.yaml as a whole."""

    attestations: list[RawAttestation] = Field(default_factory=list)


class RawAnswerFile(Raw):
    """The file behind `preflight attest --answers`."""

    answers: list[RawAnswer] = Field(default_factory=list)


def loose(model: type[RawScope]) -> type[RawScope]:
    """The same with every key optional: what is right of a broken entry is still held against the site."""
    fields: Any = {name: (info.rebuild_annotation() | None, None) for name, info in model.model_fields.items()}
    return create_model(f"Loose{model.__name__}", __base__=RawScope, **fields)
