"""How the tests of this folder describe a directory and ask it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from preflight.directory.ask import ask
from preflight.directory.document import as_json, from_json
from preflight.directory.options import AskOptions
from preflight.topology.credentials import Secret
from preflight.topology.directory_model import AttributeName, Directory
from preflight.topology.directory_presets import PRESETS
from preflight.topology.model import Machine
from preflight.values.directory import DirectoryObservation

QUICK = AskOptions(connect_s=3, step_s=5, page_s=10, total_s=60)


def described(preset: str, usual_port: int, **more: Any) -> Directory:
    """A directory on a host `dc1`; attributes are given as role=name."""
    names = {role: AttributeName(name, "preset") for role, name in PRESETS[preset].attributes.items()}
    names |= {role: AttributeName(name) for role, name in more.pop("attributes", {}).items()}
    plain = Directory("corp", ("dc1",), "ldaps", PRESETS[preset], PRESETS[preset].filter, attributes=names)
    return replace(plain, **{"port": usual_port, "domains": ("corp.example",), **more})


def asked(
    directory: Directory, password: str | None, address: str = "127.0.0.1", options: AskOptions = QUICK
) -> DirectoryObservation:
    """Ask it; what comes back has been JSON on its way, and holds the password nowhere."""
    machine = Machine("dc1", frozenset({"ldap"}), address, "main", None, None)
    seen = ask(directory, {"dc1": machine}, Secret(password) if password is not None else None, options)
    text = json.dumps(as_json(seen))
    assert not password or len(password) < 6 or password not in text
    back = from_json(json.loads(text))
    assert back == seen
    return back
