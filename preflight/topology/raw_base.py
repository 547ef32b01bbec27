"""What the written keys share: the strict base model, and lists that may be written as one word."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, model_validator

from preflight.topology.scalars import EnvName, PathText, Text, one_of

ScanKind = Annotated[str, one_of("way of scanning", ("smtp", "webdav", "smb", "ftp"))]


class Raw(BaseModel):
    """Base of all: nothing unknown, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def listed_word(value: Any) -> Any:
    """A lone word stands for a list of it."""
    return [value] if isinstance(value, str) else value


def _verify(value: Any) -> bool | str:
    if isinstance(value, bool) or (isinstance(value, str) and 0 < len(value.strip()) <= 1024 and value.isprintable()):
        return value
    raise ValueError("write true, false, or the path of a file of CA certificates (PEM)")


Verify = Annotated[bool | str, PlainValidator(_verify, json_schema_input_type=bool | PathText)]


class RawSecret(Raw):
    """Where a secret is: exactly one of the three."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})
    env: EnvName | None = None
    file: PathText | None = None
    prompt: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> RawSecret:
        if len(self.model_fields_set) != 1:
            raise ValueError("write exactly one of {env: NAME}, {file: PATH} and {prompt: 'text'}")
        return self
