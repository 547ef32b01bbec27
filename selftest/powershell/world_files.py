"""Recorded Windows servers (standins/worlds): read, laid over each other, and written as the stand-ins take them."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from preflight.values.shipped_yaml import load as load_yaml

WORLDS = Path(__file__).parents[1] / "standins" / "worlds"
PARTS = {"registry", "host", "more", "expect", "shown"}  # laid over key by key; anything else is replaced


@dataclass(frozen=True, slots=True)
class WindowsWorld:
    """A server as it is recorded, or a variation of it."""

    name: str
    data: dict[str, Any]

    @property
    def ground(self) -> dict[str, Any]:
        """What world_ground.py makes real."""
        listens = [[address, port] for address, port, _ in self.data["listens"]]
        return {**{key: self.data[key] for key in ("hostname", "addresses", "names")}, "listens": listens}

    def registry(self) -> dict[str, Any]:
        """The keys, as the engine takes them; a parent that is not written down is there, too."""
        keys: dict[str, Any] = {}
        for path, values in self.data["registry"].items():
            while path and path not in keys:
                keys[path] = dict(values or {})
                path, values = path.rpartition("\\")[0], {}
        for path, values in self.data["registry"].items():
            keys[path] = dict(values or {})
        return {"HKLM": keys}

    def host(self) -> dict[str, Any]:
        """Everything else that the stand-ins tell: services, processes, classes, sockets with their owners."""
        told = copy.deepcopy(self.data["host"])
        for service in told["Win32_Service"]:
            service["DisplayName"] = self.data["shown"].get(service["Name"], service["DisplayName"])
        told["NetTCPConnection"] = [
            {"LocalAddress": a, "LocalPort": p, "RemoteAddress": a, "RemotePort": 0, "State": 2, "OwningProcess": pid}
            for a, p, pid in self.data["listens"]
        ]
        told["netstat"] = [f"  TCP    {a}:{p}    0.0.0.0:0    LISTENING    {pid}" for a, p, pid in self.data["listens"]]
        return dict(told)

    def written(self, folder: Path) -> dict[str, Path]:
        """The files in a folder: registry, host."""
        paths = {}
        for name, value in (("registry", self.registry()), ("host", self.host())):
            paths[name] = folder / f"{name}.json"
            paths[name].write_text(json.dumps(value), encoding="ascii")
        for name in self.data["folders"]:
            (folder / name).mkdir()  # a Windows path is one name on Linux, below the folder that the agent runs in
        return paths


def windows_worlds() -> list[WindowsWorld]:
    """Every world followed by its variations."""
    base = _read(WORLDS / "base.yaml")
    found = []
    for file in sorted(WORLDS.glob("server-*.yaml")):
        own = _read(file)
        variations = own.pop("variations")
        world = _laid(base, own)
        found.append(WindowsWorld(file.stem, world))
        found += [WindowsWorld(f"{file.stem}, {name}", _laid(world, over)) for name, over in variations.items()]
    return found


def inventory() -> dict[str, Any]:
    """The site that they are judged for."""
    found: dict[str, Any] = _read(WORLDS / "base.yaml")["inventory"]
    return found


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = load_yaml(file.read_text(encoding="utf-8"))
    return found


def _laid(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(under)
    for key, value in over.items():
        if key == "more":
            for name, rows in value.items():
                place = made if name == "listens" else made["host"]
                place[name] = [*place.get(name, []), *rows]
        elif key == "registry":
            for path, values in value.items():
                made[key][path] = {**made[key].get(path, {}), **values}
        elif key in PARTS:
            made[key] = {**made.get(key, {}), **value}
        else:
            made[key] = value
    return made
