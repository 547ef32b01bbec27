"""Our tables of names (tables/*.yaml), read once and checked: who they are from stands in each entry."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from preflight.values.shipped_yaml import load as load_yaml

FOLDER = Path(__file__).with_name("tables")


class Entry(BaseModel):
    """Base of what stands in a table: frozen, nothing unknown. Each says its source."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    source: str


class NamedPrograms(Entry):
    """Something known by its Windows services and its executables."""

    services: list[str] = []
    programs: list[str] = []


class WebServer(NamedPrograms):
    """A web server."""

    server: str


class Reservation(Entry):
    """A path that Windows itself reserves at http.sys."""

    path: str
    owner: str


class Engine(NamedPrograms):
    """A database engine; `names`: in the list of installed programs; `windows`: a part of Windows."""

    engine: str
    names: list[str] = []
    windows: bool = False


class PrintProduct(Entry):
    """A print solution: sourced services and names, and keywords for what could not be sourced."""

    product: str
    services: list[str] = []
    names: list[str] = []
    keywords: list[str] = []


class Remains(BaseModel):
    """Where the product leaves something behind."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    folders: list[str]
    keys: list[str]
    services: list[str]
    version: str
    clients: list[str]
    helpers: list[str]
    programs: list[str]
    vendors: list[str]


@cache
def _read(name: str) -> Any:
    return load_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def web_servers() -> tuple[WebServer, ...]:
    """Raises ValidationError of pydantic, as all of these do, where the file, which is ours, is broken."""
    return tuple(WebServer.model_validate(entry) for entry in _read("web_servers")["servers"])


@cache
def windows_reservations() -> tuple[Reservation, ...]:
    """Reservations for port 80 that every Windows has."""
    return tuple(Reservation.model_validate(entry) for entry in _read("web_servers")["windows_reservations"])


@cache
def engines() -> tuple[Engine, ...]:
    """Database engines, the narrow ones first."""
    return tuple(Engine.model_validate(entry) for entry in _read("databases")["engines"])


@cache
def print_products() -> tuple[PrintProduct, ...]:
    """Print solutions of others."""
    return tuple(PrintProduct.model_validate(entry) for entry in _read("print_products")["products"])


@cache
def remains() -> Remains:
    """What an earlier SafeQ leaves."""
    return Remains.model_validate(_read("safeq_remains"))
