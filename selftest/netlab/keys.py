"""SSH for a lab: keys, known hosts, the client's and the servers' configuration."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from netlab.ground import program_path


class Keys:
    """One client key, a host key each; made by ssh-keygen side by side with the rest of the building."""

    def __init__(self, folder: Path, hosts: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.client = folder / "client"
        self._jobs = [self._generate(self.client), *(self._generate(self.host_key(name)) for name in hosts)]

    def _generate(self, path: Path) -> subprocess.Popen[bytes]:
        for old in (path, path.with_suffix(".pub")):
            old.unlink(missing_ok=True)
        return subprocess.Popen(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)],
            stdin=subprocess.DEVNULL,
        )

    def host_key(self, name: str) -> Path:
        """A host's private key."""
        return self.folder / f"host_{name}"

    def wait(self) -> None:
        """Waits until ssh-keygen has ended, however."""
        for job in self._jobs:
            job.wait()

    def finish(self) -> None:
        """Waits for the keys; raises CalledProcessError."""
        self.wait()
        for job in self._jobs:
            if job.returncode:
                raise subprocess.CalledProcessError(job.returncode, job.args)

    def daemon(self, name: str, log: Path) -> dict[str, Any]:
        """A host's sshd, as its first process is to start it; VERBOSE makes it log every connection and session."""
        options = {
            "HostKey": str(self.host_key(name)),
            "AuthorizedKeysFile": str(self.client.with_suffix(".pub")),
            "PidFile": "none",
            "UsePAM": "no",
            "StrictModes": "no",  # the work folder may be anybody's
            "PermitRootLogin": "prohibit-password",
            "PasswordAuthentication": "no",
            "UseDNS": "no",
            "MaxStartups": "100",
            "MaxSessions": "50",
            "LogLevel": "VERBOSE",
            "PrintMotd": "no",
            "PrintLastLog": "no",
            "Subsystem": "sftp internal-sftp",
        }
        log.write_text("", encoding="utf-8")
        given = [word for key, value in options.items() for word in ("-o", f"{key}={_quoted(value)}")]
        argv = [str(program_path("sshd")), "-D", "-E", str(log), "-f", "/dev/null", *given]
        return {"argv": argv, "env": {}, "cwd": "/", "log": str(log)}

    def client_files(self, addresses: Mapping[str, str]) -> tuple[Path, Path]:
        """Writes ssh_config and known_hosts for hosts by name and management address; returns both paths."""
        known_hosts = self.folder / "known_hosts"
        lines = []
        for name, address in addresses.items():
            kind, key = self.host_key(name).with_suffix(".pub").read_text(encoding="ascii").split()[:2]
            lines.append(f"{name},{address} {kind} {key}\n")
        known_hosts.write_text("".join(lines), encoding="ascii")
        common = (
            f"  User root\n  IdentityFile {_quoted(str(self.client))}\n  IdentitiesOnly yes\n"
            f"  StrictHostKeyChecking yes\n  UserKnownHostsFile {_quoted(str(known_hosts))}\n"
            "  GlobalKnownHostsFile /dev/null\n  LogLevel ERROR\n"
        )
        text = "".join(f"Host {name}\n  HostName {address}\n" for name, address in addresses.items())
        text += f"Host {' '.join([*addresses, *addresses.values()])}\n{common}" if addresses else ""
        config = self.folder / "ssh_config"
        config.write_text(text, encoding="utf-8")
        return config, known_hosts


def await_ssh(address: str, within_s: float = 20) -> None:
    """Returns when an sshd greets at the address; raises TimeoutError."""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        with contextlib.suppress(OSError), socket.create_connection((address, 22), timeout=2) as link:
            if link.recv(4) == b"SSH-":
                return
        time.sleep(0.005)
    raise TimeoutError(f"no sshd answers on {address}")


def _quoted(value: str) -> str:
    return f'"{value}"' if value.startswith("/") else value
