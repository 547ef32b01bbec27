"""The external database server as the machine that runs the suite saw it for one CML node (C11)."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.values.database import DatabaseObservation

_ADAPTER: TypeAdapter[DatabaseObservation] = TypeAdapter(DatabaseObservation)


def _parse(told: Told) -> DatabaseObservation:
    try:
        return _ADAPTER.validate_python(told.value("database"))
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise UnobservedError(
            f"what was recorded of the database server cannot be read: {where}", "Ask again."
        ) from None


DATABASE = FactKind("database", _parse, of_site=True)
