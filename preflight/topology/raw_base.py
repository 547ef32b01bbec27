"""What the written keys share: the strict base model, and lists that may be written as one word."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from preflight.topology.scalars import one_of

ScanKind = Annotated[str, one_of("way of scanning", ("smtp", "webdav", "smb", "ftp"))]


class Raw(BaseModel):
    """Base of all: nothing unknown, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def listed_word(value: Any) -> Any:
    """A lone word stands for a list of it."""
    return [value] if isinstance(value, str) else value
