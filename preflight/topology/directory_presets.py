"""The presets of directory_presets.yaml as values, read once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from preflight.topology.directory_model import DirectoryPreset, DirectoryQuery
from preflight.values.shipped_yaml import load as load_yaml

PRESET_FILE = Path(__file__).with_name("directory_presets.yaml")


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    base: str
    filter: str
    attribute: str


class _Preset(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    filter: str
    attributes: dict[str, str]
    disabled: dict[str, int | None] = {}
    login_forbids: str = ""
    writable: str = ""
    creatable: str = ""
    securable: str = ""
    controllers: _Query | None = None
    domains: _Query | None = None


def read_presets(path: Path) -> Mapping[str, DirectoryPreset]:
    """Presets by name. Raises ValidationError of pydantic where the file, which is ours, is broken."""
    written: dict[str, Any] = load_yaml(path.read_text(encoding="utf-8"))
    return {name: _value(name, _Preset.model_validate(fields)) for name, fields in written.items()}


def _value(name: str, raw: _Preset) -> DirectoryPreset:
    return DirectoryPreset(
        name=name,
        filter=raw.filter,
        attributes=raw.attributes,
        disabled=raw.disabled,
        login_forbids=raw.login_forbids,
        writable=raw.writable,
        creatable=raw.creatable,
        securable=raw.securable,
        controllers=_query(raw.controllers),
        domains=_query(raw.domains),
    )


def _query(raw: _Query | None) -> DirectoryQuery | None:
    return None if raw is None else DirectoryQuery(raw.base, raw.filter, raw.attribute)


PRESETS: Mapping[str, DirectoryPreset] = read_presets(PRESET_FILE)
