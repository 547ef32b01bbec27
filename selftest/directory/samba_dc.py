"""A real Samba Active Directory domain controller for tests: own folder, an address of its own in 127.0.0.0/8."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from paper_authority import Papers

REALM, DOMAIN, SUFFIX = "CORP.EXAMPLE", "CORP", "DC=corp,DC=example"
STAFF, BRANCH, SERVICE = f"OU=Staff,{SUFFIX}", f"OU=Branch,{SUFFIX}", f"OU=Service,{SUFFIX}"
PASSWORD = "Sync-Heslo.7"  # noqa: S105 - of a throw-away directory
PORTS = {"ldap": 389, "ldaps": 636, "catalog": 3268, "catalogs": 3269}
PYTHON = "/usr/bin/python3"  # the system's own: it has Samba's modules
_LOAD = """
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
lp = LoadParm()
lp.load(sys.argv[1])
db = SamDB(session_info=system_session(), lp=lp)
db.transaction_start()
db.add_ldif(open(sys.argv[2], encoding="utf-8").read())
db.transaction_commit()
"""
_ALLOW = """
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
from samba.ndr import ndr_unpack
from samba.dcerpc import security
from samba.sd_utils import SDUtils
lp = LoadParm()
lp.load(sys.argv[1])
db = SamDB(session_info=system_session(), lp=lp)
found = db.search(expression="(sAMAccountName=%s)" % sys.argv[3], attrs=["objectSid"])
sid = ndr_unpack(security.dom_sid, found[0]["objectSid"][0])
SDUtils(db).dacl_prepend_aces(sys.argv[2], sys.argv[4] % sid)
"""


def why_not() -> str | None:
    """Why no domain controller can be run here; None when one can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "a Samba domain controller takes root (ports below 1024)"
    if not shutil.which("samba") or not shutil.which("samba-tool"):
        return "no Samba domain controller is installed here (Debian: samba-ad-dc, samba-ad-provision)"
    if not all(_free(port) for port in PORTS.values()):
        return "another program holds 389, 636, 3268 or 3269 on all addresses of this machine"
    asked = subprocess.run([PYTHON, "-c", "import samba.samdb"], capture_output=True, check=False)
    return None if asked.returncode == 0 else "Samba's Python modules are not installed here (Debian: python3-samba)"


class LocalDomain:
    """Use as a context manager: provisions (about ten seconds), loads the users, starts the LDAP service alone."""

    def __init__(self, folder: Path, papers: Papers, ca: Path, people: Iterable[str]) -> None:
        self._folder, self._papers, self._ca, self._people = folder, papers, ca, people
        self.address = f"127.{1 + secrets.randbelow(250)}.{secrets.randbelow(250)}.42"
        self._conf = folder / "smb.conf"
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> LocalDomain:
        self._folder.mkdir(parents=True)
        names = [f"--realm={REALM}", f"--domain={DOMAIN}", "--host-name=dc1", f"--host-ip={self.address}"]
        kind = ["--server-role=dc", "--dns-backend=NONE", "--adminpass=Admin-Heslo.7"]
        option = f"--option=interfaces={self.address}/8"
        self._run(["samba-tool", "domain", "provision", f"--targetdir={self._folder}", *names, *kind, option])
        self._conf.write_text(self._config(), encoding="utf-8")
        self.load(self._people)
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGTERM)
            try:
                self._child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._child.pid, signal.SIGKILL)
                self._child.wait(10)

    def load(self, people: Iterable[str]) -> None:
        """Add entries, past the server."""
        ldif = self._folder / "people.ldif"
        ldif.write_text("".join(people), encoding="utf-8")
        self._run([PYTHON, "-c", _LOAD, str(self._conf), str(ldif)])

    def allow(self, dn: str, account: str, ace: str) -> None:
        """Put an entry in front of an access list; `%s` stands for the account's SID."""
        self._run([PYTHON, "-c", _ALLOW, str(self._conf), dn, account, ace])

    def settings(self, *options: str) -> None:
        """samba-tool domain passwordsettings set ..."""
        self._run(["samba-tool", "domain", "passwordsettings", "set", "-s", str(self._conf), *options])

    def _run(self, command: Sequence[str]) -> None:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command[:3]} failed: {done.stderr[-2000:]}")

    def _start(self) -> None:
        log = (self._folder / "samba.log").open("wb")
        command = ["samba", "--foreground", "--debug-stdout", f"--configfile={self._conf}"]
        with log:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 60
        while not all(_answers(self.address, port) for port in PORTS.values()):
            if self._child.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"samba did not start: {(self._folder / 'samba.log').read_text()[-2000:]}")
            time.sleep(0.1)

    def _config(self) -> str:
        folder = self._folder
        return (
            f"[global]\nnetbios name = DC1\nrealm = {REALM}\nworkgroup = {DOMAIN}\n"
            "server role = active directory domain controller\nserver services = ldap\n"
            f"interfaces = {self.address}/8\nbind interfaces only = yes\n"
            f"private dir = {folder}/private\nstate directory = {folder}/state\ncache directory = {folder}/cache\n"
            f"lock directory = {folder}\npid directory = {folder}\nbinddns dir = {folder}/bind-dns\n"
            f"ncalrpc dir = {folder}/ncalrpc\nntp signd socket directory = {folder}/ntp\n"
            f"log file = {folder}/log.%m\nlogging = file\nprefork children = 1\n"
            f"tls enabled = yes\ntls certfile = {self._papers.certificate}\ntls keyfile = {self._papers.key}\n"
            f"tls cafile = {self._ca}\n"
        )


def user(name: str, container: str, control: int = 512, **values: str) -> str:
    """A user that can log in, as LDIF; `control` is userAccountControl."""
    quoted = base64.b64encode(f'"{PASSWORD}"'.encode("utf-16-le")).decode()
    lines = [f"dn: CN={name},{container}", "objectClass: user", f"userAccountControl: {control}"]
    lines += [f"{key}: {value}" for key, value in {"sAMAccountName": name, **values}.items()]
    return "\n".join([*lines, f"unicodePwd:: {quoted}"]) + "\n\n"


def unit(dn: str) -> str:
    """An organizational unit as LDIF."""
    return f"dn: {dn}\nobjectClass: organizationalUnit\n\n"


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.250.250.42", port))
            probe.listen()
        except OSError:
            return False
    return True


def _answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True
