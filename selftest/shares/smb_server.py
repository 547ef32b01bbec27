"""A real smbd on port 445 of a network namespace of its own; whoever asks it goes in there by nsenter."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

USER, DISABLED = "nobody", "daemon"  # accounts that every Debian has; their passwords here are Samba's alone
PASSWORD = '  Heslo %"7\\ '  # noqa: S105 - of a throw-away server
WRONG = "Heslo-Letni-2023"
ADDRESS, NAME = "127.0.0.1", "files"
CLOSED_PORT = "127.0.0.2"  # an address of the same machine where nobody listens
SILENT = "10.77.0.9"  # on a link whose other end never answers
PROGRAMS = {"smbd": "samba", "smbpasswd": "samba-common-bin", "smbclient": "smbclient", "setpriv": "util-linux"}
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def why_not() -> str | None:
    """Why no smbd can be run here; None when one can."""
    if os.name != "posix" or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "a network namespace with an smbd on port 445 takes root on Linux"
    missing = [f"{name} (Debian: {package})" for name, package in PROGRAMS.items() if not shutil.which(name, path=PATH)]
    if missing:
        return f"not installed here: {', '.join(missing)}"
    tried = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "no network namespace can be made here"


class LocalSmbd:
    """A context manager: shares of the test's own folder, an account that may log in and one that is disabled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._conf = folder / "smb.conf"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def network(self) -> str:
        """The server's network namespace, as /proc names it."""
        return str(Path(f"/proc/{self._child.pid}/ns/net").readlink())

    @property
    def inside(self) -> tuple[str, ...]:
        """What to put in front of a command that shall run in the server's network, where its name is known."""
        assert self._child is not None
        return ("nsenter", f"--net=/proc/{self._child.pid}/ns/net", f"--mount=/proc/{self._child.pid}/ns/mnt", "--")

    def __enter__(self) -> LocalSmbd:
        for name in ("private", "lock", "state", "cache", "pid", "ncalrpc", "logs"):
            (self._folder / name).mkdir(parents=True)
        self._fill(self._folder / "share")
        self._conf.write_text(self._config(), encoding="utf-8")
        (self._folder / "hosts").write_text(f"{ADDRESS} localhost {NAME}\n", encoding="ascii")
        for user, password in ((USER, PASSWORD), (DISABLED, PASSWORD)):
            self._smbpasswd("-a", user, said=f"{password}\n{password}\n")
        self._smbpasswd("-d", DISABLED)
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(10)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait(10)

    @staticmethod
    def _fill(share: Path) -> None:
        for name in ("many", "closed", "shut", "5.0/setup"):
            (share / name).mkdir(parents=True)
        for number in range(60):
            (share / "many" / f"{number}.txt").touch()
        for name in ("setup.exe", "secret.txt", "5.0/setup/a.msi", "closed/x.txt", "\u017dlu\u0165;! x.txt"):
            (share / name).write_text("of the test", encoding="ascii")
        (share / "empty").touch()
        (share / "big.iso").write_bytes(bytes(8 * 1024 * 1024))
        for path, mode in {"secret.txt": 0o600, "closed": 0o700, "shut": 0o311}.items():
            (share / path).chmod(mode)

    def _config(self) -> str:
        folder = self._folder
        return (
            "[global]\nnetbios name = FILES\nworkgroup = CORP\nserver role = standalone server\n"
            f"interfaces = {ADDRESS}\nbind interfaces only = yes\nsmb ports = 445\ndisable netbios = yes\n"
            f"private dir = {folder}/private\nlock directory = {folder}/lock\nstate directory = {folder}/state\n"
            f"cache directory = {folder}/cache\npid directory = {folder}/pid\nncalrpc dir = {folder}/ncalrpc\n"
            f"passdb backend = tdbsam:{folder}/private/passdb.tdb\nlog file = {folder}/logs/smbd\n"
            "load printers = no\ndisable spoolss = yes\nmap to guest = bad user\n"
            f"[safeq$]\npath = {folder}/share\nread only = yes\n"
            f"[public]\npath = {folder}/share\nread only = yes\nguest ok = yes\n"
            f"[admins]\npath = {folder}/share\nread only = yes\nvalid users = root\n"
        )

    def _smbpasswd(self, *what: str, said: str = "") -> None:
        command = ["smbpasswd", "-c", str(self._conf), "-s", *what]
        env = {**os.environ, "PATH": PATH}
        done = subprocess.run(command, input=said, text=True, capture_output=True, env=env, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command[:4]} failed: {done.stderr[-500:]}")

    def _start(self) -> None:
        script = (
            f"ip link set lo up && mount --bind '{self._folder}/hosts' /etc/hosts && "
            "ip link add out type veth peer name nowhere && ip addr add 10.77.0.1/24 dev out && "
            "ip link set out up && ip link set nowhere up && "
            f"ip neigh add {SILENT} lladdr 02:00:00:00:00:09 dev out && "
            f"exec setpriv --pdeathsig TERM smbd --configfile='{self._conf}' --foreground --no-process-group"
        )
        log = (self._folder / "smbd.log").open("wb")
        with log:
            self._child = subprocess.Popen(
                ["unshare", "--net", "--mount", "sh", "-c", script],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # on its way out smbd ends all of its process group
                env={**os.environ, "PATH": PATH},
            )
        deadline = time.monotonic() + 30
        while self._child.poll() is None and time.monotonic() < deadline:
            if self._listens(self._child.pid):
                return
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"smbd did not start: {(self._folder / 'smbd.log').read_text()[-2000:]}")

    @staticmethod
    def _listens(pid: int) -> bool:
        try:
            if Path(f"/proc/{pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink():
                return False  # not yet in its own network
            return ":01BD 00000000:0000 0A" in Path(f"/proc/{pid}/net/tcp").read_text(encoding="ascii")  # 445, listens
        except OSError:  # it has died
            return False
