"""A registry key as an agent told it, taken apart without trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from preflight.facts.model import Told, UnobservedError


@dataclass(frozen=True, slots=True)
class RegistryKey:
    """Values by name, and the values of each subkey by its name."""

    values: Mapping[str, Any] = field(default_factory=dict)
    subkeys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def registry_key(told: Told, name: str, *, part: bool = False) -> RegistryKey | None:
    """The key that the read `name` asked for, None where there is no such key. Raises UnobservedError.

    A key of which the host left something out counts as untold, but for those who say that a `part` is enough.
    """
    value = told.maybe(name)
    if told.remark(name) and not part:
        raise told.part(name)
    if value is None or (isinstance(value, dict) and value.get("exists") is False):
        return None
    if not isinstance(value, dict):
        raise UnobservedError(f"what {told.host} told of {name} is no registry key")
    values, subkeys = value.get("values") or {}, value.get("subkeys") or {}
    if not isinstance(values, dict) or not isinstance(subkeys, dict):
        raise UnobservedError(f"what {told.host} told of {name} is no registry key")
    return RegistryKey(values, {key: below if isinstance(below, dict) else {} for key, below in subkeys.items()})
