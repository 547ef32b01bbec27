"""A real OpenLDAP server on 127.0.0.1 for tests: own folder, own ports, users loaded by slapadd before it starts."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from paper_authority import Papers
from planted_people import BRANCH, HIDDEN, STAFF, SUFFIX

PROGRAMS = ("/usr/sbin", "/sbin", "/usr/local/libexec", "/usr/lib/openldap")
SCHEMAS = Path("/etc/ldap/schema")
MODULES = Path("/usr/lib/ldap")
SERVICE, PASSWORD = f"cn=svc,ou=Service,{SUFFIX}", "Sync-Heslo.7"
CAPPED, LOCKED, RESET = (f"cn={name},ou=Service,{SUFFIX}" for name in ("capped", "locked", "reset"))
LISTS = f"cn=lists,ou=Service,{SUFFIX}"  # gets the entries below BRANCH, and none of their attributes


def program(name: str) -> str | None:
    """Where slapd or slapadd is."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *PROGRAMS)))


def why_not() -> str | None:
    """Why no OpenLDAP server can be run here; None when one can."""
    if not program("slapd") or not program("slapadd"):
        return "no OpenLDAP server is installed here (Debian: slapd)"
    return None if (SCHEMAS / "inetorgperson.schema").is_file() else "OpenLDAP's schemas are not in /etc/ldap/schema"


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LocalSlapd:
    """Use as a context manager. `clear` refuses nothing on `port`; with `hardened` it refuses logins in clear."""

    def __init__(
        self, folder: Path, people: Iterable[str], papers: Papers, hardened: bool = False, extra: str = ""
    ) -> None:
        self._folder, self._people, self._papers = folder, people, papers
        self._hardened, self._extra = hardened, extra
        self.port, self.tls_port = free_port(), free_port()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> LocalSlapd:
        data = self._folder / "data"
        data.mkdir(parents=True)
        config = self._folder / "slapd.conf"
        config.write_text(self._config(data), encoding="utf-8")
        ldif = self._folder / "people.ldif"
        with ldif.open("w", encoding="utf-8") as file:
            file.write(_frame())
            file.writelines(self._people)
        subprocess.run(
            [str(program("slapadd")), "-q", "-f", str(config), "-l", str(ldif)], check=True, capture_output=True
        )
        ldif.unlink()
        urls = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.tls_port}/"
        command = [str(program("slapd")), "-d", "0", "-f", str(config), "-h", urls]
        self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not _answers(self.tls_port):
            if self._child.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError("slapd did not start")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.terminate()
            self._child.wait(10)

    def _config(self, data: Path) -> str:
        schemas = "".join(f"include {SCHEMAS / name}.schema\n" for name in ("core", "cosine", "inetorgperson"))
        return (
            f"{schemas}modulepath {MODULES}\nmoduleload back_mdb\nmoduleload ppolicy\n"
            f"pidfile {self._folder / 'slapd.pid'}\nargsfile {self._folder / 'slapd.args'}\n"
            f"TLSCertificateFile {self._papers.certificate}\nTLSCertificateKeyFile {self._papers.key}\n"
            + ("security simple_bind=128\n" if self._hardened else "")
            + f'database mdb\nsuffix "{SUFFIX}"\nrootdn "cn=admin,{SUFFIX}"\ndirectory {data}\nmaxsize 1073741824\n'
            "index objectClass,uid eq\n"
            f'overlay ppolicy\nppolicy_default "cn=policy,{SUFFIX}"\nppolicy_use_lockout\n'
            "access to attrs=userPassword by anonymous auth by * none\n"
            f"access to attrs={HIDDEN} by dn.exact={SERVICE} search by * none\n"
            f'access to dn.children="{BRANCH}" attrs=entry by dn.exact={LISTS} read by * break\n'
            f'access to dn.children="{BRANCH}" attrs=objectClass by dn.exact={LISTS} search by * break\n'
            f'access to dn.children="{BRANCH}" by dn.exact={LISTS} none by * break\n'
            f'access to * by dn.children="ou=Service,{SUFFIX}" read by anonymous auth by * none\n'
            + "".join(
                f'limits dn.exact="{dn}" size.soft=unlimited size.hard=unlimited size.prtotal=unlimited\n'
                for dn in (SERVICE, LISTS)
            )
            + f"{self._extra}"
        )


def _frame() -> str:
    accounts = {
        SERVICE: "",
        CAPPED: "",
        LISTS: "",
        LOCKED: "pwdAccountLockedTime: 000001010000Z\n",
        RESET: "pwdReset: TRUE\n",
    }
    units = [f"dn: {SUFFIX}\nobjectClass: domain\ndc: corp\n"]
    units += [
        f"dn: {dn}\nobjectClass: organizationalUnit\nou: {dn[3:].partition(',')[0]}\n"
        for dn in (STAFF, BRANCH, f"ou=Service,{SUFFIX}", f"ou=Empty,{SUFFIX}")
    ]
    units.append(
        f"dn: cn=policy,{SUFFIX}\nobjectClass: applicationProcess\nobjectClass: pwdPolicy\ncn: policy\n"
        "pwdAttribute: userPassword\npwdLockout: TRUE\npwdMustChange: TRUE\npwdMaxFailure: 100\n"
    )
    for dn, more in accounts.items():
        name = dn[3:].partition(",")[0]
        units.append(
            f"dn: {dn}\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\n"
            f"cn: {name}\nuserPassword: {PASSWORD}\n{more}"
        )
    return "".join(unit + "\n" for unit in units)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
