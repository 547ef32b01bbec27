"""How each host is talked to: its own `manage` over the top-level one, paths resolved, secrets left as references."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from preflight.topology.model import WINRM_AUTHS, Manage, SecretRef, WinRmAuth
from preflight.topology.pieces import Entry, Pieces
from preflight.topology.problems import Problems
from preflight.topology.raw import RawHost, RawSecret
from preflight.topology.winrm_rules import HTTPS_PORT, note_foreign_keys, note_winrm_problems

WAYS: dict[str, Literal["ssh", "winrm", "local", "lab"]] = {
    "ssh": "ssh",
    "winrm": "winrm",
    "local": "local",
    "lab": "lab",
}
AUTHS: dict[str, WinRmAuth] = {auth: auth for auth in WINRM_AUTHS}


def resolve_manage(entry: Entry[RawHost], pieces: Pieces, folder: Path, problems: Problems) -> Manage | None:
    """The way to manage a host; None where no agent runs."""
    own = entry.raw.manage
    if own is None:
        return None
    said: dict[str, Any] = {key: getattr(pieces.manage, key) for key in pieces.manage.model_fields_set}
    said |= {key: getattr(own, key) for key in own.model_fields_set}
    by = said.get("by") or ("lab" if pieces.lab else "ssh")
    if by == "lab" and pieces.lab is None:
        problems.add(entry.at.of("manage", "by"), "'lab' is for inventories with a top-level `lab: NAME`; write ssh")
    note_foreign_keys(entry, by, problems)
    said_https = said.get("https")
    verify = said.get("verify")
    manage = Manage(
        by=WAYS[by],
        address=said.get("address") or entry.raw.address,
        port=said.get("port"),
        user=said.get("user"),
        password=secret_ref(said.get("password"), folder),
        key_file=resolved(said.get("key_file"), folder),
        ssh_config=resolved(said.get("ssh_config"), folder),
        jump=said.get("jump"),
        python=said.get("python") or "python3",
        sudo=bool(said.get("sudo")),
        options=tuple(said.get("options") or ()),
        https=by == "winrm" and said.get("port") == HTTPS_PORT if said_https is None else said_https,
        auth=AUTHS[said.get("auth") or "ntlm"],
        certificate=resolved(said.get("certificate"), folder),
        certificate_key=resolved(said.get("certificate_key"), folder),
        verify=True if verify is None else resolved(verify, folder) or True if isinstance(verify, str) else verify,
    )
    if by == "winrm":
        note_winrm_problems(entry, manage, problems)
    return manage


def secret_ref(raw: RawSecret | None, folder: Path) -> SecretRef | None:
    """The reference as a value; a file's path is resolved against the inventory's folder."""
    if raw is None:
        return None
    if raw.env is not None:
        return SecretRef("env", raw.env)
    if raw.prompt is not None:
        return SecretRef("prompt", raw.prompt)
    return SecretRef("file", resolved(raw.file, folder) or "")


def resolved(path: str | None, folder: Path) -> str | None:
    """A path of the inventory, made absolute without looking at the disk; `~` is the user's home."""
    if path is None:
        return None
    if path == "~" or path.startswith(("~/", "~\\")):
        path = os.path.expanduser(path)  # noqa: PTH111 - Path.expanduser raises where there is no home
    return os.path.normpath(folder.absolute() / path)
