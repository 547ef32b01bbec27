"""A user directory as the machine that runs the suite saw it (L01-L11): counts and redacted samples."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.values.directory import DirectoryObservation

_ADAPTER: TypeAdapter[DirectoryObservation] = TypeAdapter(DirectoryObservation)


def _parse(told: Told) -> DirectoryObservation:
    try:
        return _ADAPTER.validate_python(told.value("directory"))
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise UnobservedError(f"what was recorded of the directory cannot be read: {where}", "Ask again.") from None


DIRECTORY = FactKind("directory", _parse, of_site=True)
