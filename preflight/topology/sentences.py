"""pydantic's complaints about an inventory as sentences: what is wrong and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from preflight.topology import (
    checklist_antivirus,
    checklist_database,
    checklist_hardware,
    checklist_interfering,
    checklist_shares,
    checklist_software,
    checklist_versions,
    raw,
    raw_directory,
    raw_features,
)
from preflight.topology.document import REFERENCE_FORMS, SECRET_KEYS
from preflight.topology.nearest import nearest, shown
from preflight.topology.problems import Path

# The model behind a key, to name the keys that exist there.
_INSIDE: Mapping[str, type[BaseModel]] = {
    "manage": raw.RawManage,
    "password": raw.RawSecret,
    "community": raw.RawSecret,
    "scan": raw_features.RawScans,
    "smtp": raw_features.RawScan,
    "webdav": raw_features.RawScan,
    "smb": raw_features.RawScan,
    "ftp": raw_features.RawFtp,
    "central_reporting": raw_features.RawReporting,
    "workstation_client": raw_features.RawClient,
    "payment": raw_features.RawPayment,
    "near_roaming": raw_features.RawGroup,
    "database": raw_features.RawDatabase,
    "attributes": raw_directory.RawAttributes,
    "card": raw_directory.RawCard,
    "replication": raw_directory.RawReplication,
    "software": checklist_software.RawSoftware,
    "antivirus": checklist_antivirus.RawAntivirus,
    "shares": checklist_shares.RawShare,
    "interfering": checklist_interfering.RawInterfering,
    "hardware": checklist_hardware.RawHardware,
    **dict.fromkeys(checklist_hardware.RawHardware.model_fields, checklist_hardware.RawMinimum),
    "browsers": checklist_versions.RawBrowserTable,
    "patches": checklist_versions.RawPatchTable,
    **dict.fromkeys(("edge", "chrome", "firefox", "windows"), checklist_versions.RawKnown),
}
# The same below `checklist`, where a word means something else.
_IN_CHECKLIST: Mapping[str, type[BaseModel]] = {
    "database": checklist_database.RawExternalDatabase,
    "nodes": checklist_database.RawNodeDatabases,
    "accounts": checklist_database.RawDatabaseAccount,
}
_OF_VERSIONS: Mapping[type[BaseModel], type[BaseModel]] = {
    checklist_versions.RawBrowserTable: checklist_versions.RawBrowserVersions,
    checklist_versions.RawPatchTable: checklist_versions.RawPatchVersions,
}
_SHAPES = {
    "bool_type": "write true or false",
    "int_type": "write a whole number",
    "float_type": "write a number",
    "list_type": "write a list, like [a, b]",
    "model_type": "write keys and values, like {key: value}",
    "dict_type": "write keys and values, like {key: value}",
}


def sentence(error: ErrorDetails, model: type[BaseModel], where: Path) -> str:
    """One complaint; `model` is what stands at the root of error's own path, `where` the whole path in the file."""
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    secret = any(isinstance(key, str) and key.lower() in SECRET_KEYS for key in where)
    if kind == "extra_forbidden":
        return _unknown(error["loc"], model, where)
    if kind == "missing":
        return "missing; it must be said"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"{shown(value)} is out of range; {_range(where)}"
    if kind == "string_type":
        return _not_text(value, secret)
    if kind == "too_short":
        return "empty; write at least one"
    if kind == "too_long":
        return f"too many; write {context.get('max_length')} at most"
    if secret and kind == "model_type":
        return REFERENCE_FORMS
    if kind in _SHAPES:
        return _SHAPES[kind] + (f", not {shown(value)}" if isinstance(value, str | int | float) and not secret else "")
    return error["msg"]


def _unknown(loc: tuple[int | str, ...], model: type[BaseModel], where: Path) -> str:
    above = [key for key in loc[:-1] if isinstance(key, str)]
    inside = _inside(above, where) or model
    if above[-1:] == ["versions"]:
        inside = _OF_VERSIONS.get(_inside(above[:-1], where) or model, inside)
    what = "feature" if inside is raw_features.RawFeatures else "key"
    note = ""
    if loc[-1] == "csv" and inside is raw.RawPrinter:
        note = "; {csv: FILE} stands alone in its list item"
    return f"no such {what}{nearest(str(where[-1]), inside.model_fields)}{note}"


def _inside(above: list[str], where: Path) -> type[BaseModel] | None:
    if where[0] == "checklist" and above:
        key = above[-2] if above[-2:-1] == ["nodes"] else above[-1]  # below `nodes` a name stands first
        if key in _IN_CHECKLIST:
            return _IN_CHECKLIST[key]
    return _INSIDE.get(above[-1]) if above else None


def _range(where: Path) -> str:
    return {
        "port": "ports go from 1 to 65535",
        "protocol_level": "protocol levels go from 1 to 4",
        "size": "a group counts its members, from 1 to 10000",
    }.get(str(where[-1]), "write a smaller or larger number")


def _not_text(value: Any, secret: bool) -> str:
    if isinstance(value, bool | int | float) and not secret:
        return f"write text; put it in quotes: '{str(value).lower() if isinstance(value, bool) else value}'"
    return "write text"
