"""Writes the command line of the system's ssh for one machine. Pure, apart from looking ssh up."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Literal

from preflight.topology.model import Manage
from preflight.transports.ssh_ending import no_client

Sharing = Literal["master", "shared", "own"]

# What a user's ssh_config may say for interactive use and what would break an agent's pipe.
_FORCED = (
    "RemoteCommand=none",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "PermitLocalCommand=no",
    "LogLevel=ERROR",  # no banner: its words are the host's, and errors are told from ssh's own
)
# ssh takes the first value it meets, so the inventory's `options` stand before these.
_DEFAULTS = ("ConnectTimeout=8", "ServerAliveInterval=2", "ServerAliveCountMax=3")
# In three attempts at a wrong password an account may be locked.
_PASSWORD = ("BatchMode=no", "NumberOfPasswordPrompts=1")


def find_ssh() -> str:
    """The system's ssh. Raises TransportError (no-ssh) with how to get it."""
    found = shutil.which("ssh")
    if found:
        return found
    windows = os.name == "nt"
    if windows:
        built_in = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "OpenSSH", "ssh.exe")
        if built_in.is_file():
            return str(built_in)
    raise no_client(windows)


def ssh_arguments(manage: Manage, sharing: Sharing, control: Path | None) -> list[str]:
    """Options and destination; the remote command goes behind. Host key checking is left as ssh has it."""
    words = ["-T"]
    if manage.ssh_config:
        words += ["-F", manage.ssh_config]
    if manage.jump:
        words += ["-J", manage.jump]
    if manage.key_file:
        words += ["-i", manage.key_file.replace("%", "%%")]
    if manage.port:
        words += ["-p", str(manage.port)]
    if manage.user:
        words += ["-l", manage.user]
    options = [*_FORCED, *(_PASSWORD if manage.password else ("BatchMode=yes",))]
    options += _sharing(sharing, control)
    options += [*manage.options, *_DEFAULTS]
    for option in options:
        words += ["-o", option]
    return [*words, "--", manage.address]


def _sharing(sharing: Sharing, control: Path | None) -> list[str]:
    if control is None or sharing == "own":
        return ["ControlMaster=no", "ControlPath=none"] if os.name != "nt" else []
    path = str(control).replace("%", "%%")
    return [f"ControlMaster={'yes' if sharing == 'master' else 'no'}", f'ControlPath="{path}"', "ControlPersist=no"]
