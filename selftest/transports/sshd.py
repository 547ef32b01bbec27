"""A real sshd on 127.0.0.1 for tests: own host key, own port, own authorized key, run as the current user."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from preflight.topology.model import Machine, Manage

SSHD = next((p for p in ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd") if Path(p).is_file()), None)


def why_not() -> str | None:
    """Why no sshd can be run here; None when one can."""
    if os.name != "posix":
        return "a user-space sshd needs a POSIX system"
    if SSHD is None:
        return "no sshd is installed here (/usr/sbin/sshd)"
    return None if shutil.which("ssh-keygen") else "no ssh-keygen is installed here"


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LocalSshd:
    """Use as a context manager; `folder` takes keys, configuration, known_hosts and log.

    `options` are further lines of sshd_config; `wrapper` is a command to start sshd under (unshare, ip netns exec).
    """

    def __init__(self, folder: Path, options: Sequence[str] = (), wrapper: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.user = getpass.getuser()
        self.host_key, self.user_key = folder / "host_key", folder / "user_key"
        self.known_hosts, self.log = folder / "known_hosts", folder / "sshd.log"
        self.ssh_config = folder / "ssh_config"
        self._options, self._wrapper = options, wrapper
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> LocalSshd:
        make_key(self.host_key)
        make_key(self.user_key)
        authorized = self.folder / "authorized_keys"
        authorized.write_bytes(self.user_key.with_suffix(".pub").read_bytes())
        authorized.chmod(0o600)
        self.trust(self.host_key)
        self.ssh_config.write_text(self.client_lines(), encoding="utf-8")
        lines = [
            *self._options,  # the first value counts
            "ListenAddress 127.0.0.1",
            f"Port {self.port}",
            f"HostKey {self.host_key}",
            f"AuthorizedKeysFile {authorized}",
            "PidFile none",
            "StrictModes no",  # the test's folder may lie under a world-writable /tmp
            "UsePAM no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin yes",
            "LogLevel VERBOSE",
        ]
        config = self.folder / "sshd_config"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        if os.geteuid() == 0:  # root's sshd will not start without its empty folder
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        command = [*self._wrapper, str(SSHD), "-D", "-f", str(config), "-E", str(self.log)]
        self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while "Server listening" not in self.text():
            if self._child.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"sshd did not start: {self.text()}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.terminate()
            self._child.wait(10)

    def text(self) -> str:
        """The log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def connections(self) -> int:
        """How many logins there were."""
        return len(re.findall(r"^Accepted (?:publickey|password) for ", self.text(), re.MULTILINE))

    def sessions(self) -> int:
        """How many remote processes were asked for."""
        return self.text().count("Starting session: command")

    def trust(self, host_key: Path) -> None:
        """Let the client expect that host key here."""
        key = host_key.with_suffix(".pub").read_text(encoding="utf-8")
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {key}", encoding="utf-8")

    def client_lines(self) -> str:
        """What an ssh_config for this sshd needs."""
        return f"UserKnownHostsFile {self.known_hosts}\nGlobalKnownHostsFile /dev/null\nIdentitiesOnly yes\n"

    def machine(self, name: str = "host1", **manage: object) -> Machine:
        """A machine that is managed through this sshd; keywords replace fields of Manage."""
        way = Manage(
            by="ssh",
            address="127.0.0.1",
            port=self.port,
            user=self.user,
            key_file=str(self.user_key),
            ssh_config=str(self.ssh_config),
        )
        way = replace(way, **manage)  # type: ignore[arg-type]
        return Machine(name, frozenset({"cml"}), "127.0.0.1", "main", None, way)


def make_key(path: Path) -> None:
    """A key pair without a passphrase; the public half gets the suffix .pub."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
