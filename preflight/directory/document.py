"""A directory's observation as plain JSON values, and back."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from preflight.values.directory import DirectoryObservation

_ADAPTER: TypeAdapter[DirectoryObservation] = TypeAdapter(DirectoryObservation)


def as_json(observation: DirectoryObservation) -> dict[str, Any]:
    """Dictionaries, lists, texts, numbers, booleans and None, as json.dumps takes them."""
    plain: dict[str, Any] = _ADAPTER.dump_python(observation, mode="json")
    return plain


def from_json(plain: dict[str, Any]) -> DirectoryObservation:
    """The observation again. Raises ValidationError of pydantic where it is none."""
    return _ADAPTER.validate_python(plain)
