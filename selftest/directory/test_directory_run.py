"""The whole suite for L01-L11: a subprocess asks real directories, finds the planted faults, and names nobody."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from paper_authority import Authority
from planted_people import BRANCH, CARD, DEPARTMENT, ID, STAFF, Company
from ruamel.yaml import YAML
from samba_dc import PASSWORD as DOMAIN_PASSWORD
from samba_dc import PORTS, LocalDomain
from samba_people import PERSONS
from slapd_server import PASSWORD, SERVICE, LocalSlapd

CLONE = Path(__file__).resolve().parents[2]
WISH = {
    "name": "corp",
    "password": {"env": "TEST_LDAP"},
    "domains": "corp.example",
    "replication": {"full": "daily 02:00-04:00", "differential": "1h"},
}


def described(folder: Path, address: str, features: list[str], **directory: Any) -> Path:
    """An inventory of one CML and that directory."""
    site = {
        "customer": "Directory",
        "site": "Directory",
        "features": {"ldap": features},
        "hosts": {
            "cml1": {"roles": ["cml"], "address": "127.0.0.2", "manage": {"by": "local"}},
            "dc1": {"roles": ["ldap"], "address": address, "manage": "none"},
        },
        "directory": {**WISH, **directory},
    }
    file = folder / "inventory.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(site, out)
    return file


def suite(folder: Path, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    """As a user runs it."""
    command = [sys.executable, "-m", "pytest", "-q", f"--inventory={folder / 'inventory.yaml'}", *options]
    told = {**os.environ, "COLUMNS": "120", "PYTHONUTF8": "1", **env}
    return subprocess.run(
        command, cwd=CLONE, env=told, capture_output=True, text=True, encoding="utf-8", timeout=240, check=False
    )


def verdicts(folder: Path) -> dict[str, dict[str, Any]]:
    """Cases of the newest run."""
    newest = sorted((folder / "reports").glob("2*/run.json"))[-1]
    cases = json.loads(newest.read_text("utf-8"))["cases"]
    return {case["row"]: case for case in cases if case["section"] == "ldap"}


def certificates(folder: Path) -> list[dict[str, Any]]:
    """Those of the newest run."""
    newest = sorted((folder / "reports").glob("2*/run.json"))[-1]
    shown: list[dict[str, Any]] = json.loads(newest.read_text("utf-8"))["certificates"]
    return shown


def holds(case: dict[str, Any], *pieces: str) -> bool:
    """Whether a case tells all of it."""
    text = " / ".join((case["reason"], case["seen"], *case["findings"]))
    missing = [piece for piece in pieces if piece not in text]
    assert not missing, text
    return True


def assert_nobody_is_named(folder: Path, words: Iterable[str], printed: str) -> None:
    """No file of the reports, and nothing on the screen, has one of the words, whatever their case."""
    texts = {f.name: f.read_bytes() for f in (folder / "reports").rglob("*") if f.is_file() and not f.is_symlink()}
    assert "run.json" in texts
    assert any(name.startswith("observations") for name in texts), "what was recorded is looked through, too"
    texts["screen"] = printed.encode()
    for name, text in _unpacked(texts).items():
        folded = text.decode("utf-8", "replace").casefold()
        assert [word for word in words if word.casefold() in folded] == [], name


def _unpacked(texts: dict[str, bytes]) -> dict[str, bytes]:
    return {name: gzip.decompress(text) if text[:2] == b"\x1f\x8b" else text for name, text in texts.items()}


def test_planted_faults_of_openldap(slapd: LocalSlapd, authority: Authority, company: Company, tmp_path: Path) -> None:
    described(
        tmp_path,
        "127.0.0.1",
        ["ldaps"],
        preset="openldap",
        port=slapd.tls_port,
        ca=str(authority.file),
        user=SERVICE,
        containers=[STAFF, BRANCH],
        attributes={"department": DEPARTMENT, "card": CARD, "id": ID},
    )
    ran = suite(tmp_path, "--row=L*", TEST_LDAP=PASSWORD)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    found, faults = verdicts(tmp_path), company.faults
    assert {row: case["outcome"] for row, case in found.items()} == {
        **dict.fromkeys(("L01", "L02", "L03", "L10"), "passed"),
        **dict.fromkeys(("L04", "L07", "L08"), "failed"),
        **dict.fromkeys(("L05", "L06", "L09"), "advisory"),
        "L11": "unverified",  # OpenLDAP does not tell what an account may write
    }
    people = 20_000 - faults.disabled
    assert holds(found["L01"], "certificate of dc1.corp.example")
    (shown,) = certificates(tmp_path)
    served = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", slapd.tls_port)))
    assert (shown["host"], shown["port"], shown["service"]) == ("dc1", slapd.tls_port, "ldaps")
    assert shown["sha256"] == hashlib.sha256(served).hexdigest()
    assert (shown["flaws"], shown["problem"]) == ([], "")
    assert holds(found["L03"], "15000 users", "5000 users")
    assert holds(
        found["L04"], f"{faults.no_login} of {people} users have no login", f"{faults.same_login} of them with"
    )
    assert holds(found["L04"], f"{faults.case_clash} clash in case", f"{faults.forbidden_login} have characters out")
    assert holds(
        found["L05"], f"{faults.no_first_name} of {people} users have no first name", f"sn: {people} of {people}"
    )
    without = faults.no_department - faults.no_department_disabled
    assert holds(found["L06"], f"{without} of {people} users have no department", "20 disabled ones lack it")
    decimal = faults.decimal_card + faults.decimal_twin
    assert holds(
        found["L07"],
        f"that more than one user has: {faults.same_card} ",
        f"written in different ways: {faults.rewritten_card}",
        f"in the other byte order: {faults.reversed_card}",
        f"in decimal and hexadecimal: {faults.decimal_twin}",
        f"about {decimal} are decimal",
        f"users with more than one card: {faults.two_cards}",
        f"{faults.no_card} of {people} users have no card",
    )
    assert holds(found["L08"], f"{faults.no_id} of {people} users have no ID", f"{faults.same_id} of them with several")
    assert holds(found["L09"], f"{faults.no_email} of {people}", f"{faults.misshapen_email} are no addresses")
    assert holds(found["L09"], f"{faults.same_email} addresses stand with more than one")
    assert_nobody_is_named(tmp_path, [*company.secrets(), PASSWORD], ran.stdout + ran.stderr)

    recorded = max(f.parent.name for f in (tmp_path / "reports").glob("2*/run.json"))
    again = suite(tmp_path, f"--replay={recorded}")
    assert again.returncode == 1, again.stdout + again.stderr
    assert verdicts(tmp_path) == found
    assert certificates(tmp_path) == [shown]


def test_planted_faults_of_a_domain(domain: LocalDomain, authority: Authority, tmp_path: Path) -> None:
    described(
        tmp_path,
        domain.address,
        ["ldaps", "global_catalog"],
        ca=str(authority.file),
        user="svc@corp.example",
        global_catalog_port=PORTS["catalogs"],
        containers=["OU=Staff,DC=corp,DC=example", "OU=Branch,DC=corp,DC=example"],
        attributes={"department": "department", "card": "pager", "id": "employeeID"},
    )
    ran = suite(tmp_path, "--row=L*,O01", TEST_LDAP=DOMAIN_PASSWORD)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    found = verdicts(tmp_path)
    assert {row: case["outcome"] for row, case in found.items()} == {
        **dict.fromkeys(("L02", "L03", "L04", "L10", "L11"), "passed"),
        **dict.fromkeys(("L01", "L05", "L06", "L09"), "advisory"),
        **dict.fromkeys(("L07", "L08"), "failed"),
    }
    assert holds(found["L01"], "controllers that the inventory lacks: rodc1.corp.example")
    assert holds(found["L01"], "global catalogue of dc1 (:3269)", "80 users looked at", "O01:cml1>dc1 passed")
    assert holds(found["L01"], "cml1 (TLS 1.2) sees the same certificate of dc1:636")
    assert holds(found["L01"], "cml1 (TLS 1.2) sees the same certificate of dc1:3269", "cml1>dc1:3269 passed: open")
    assert {(one["port"], tuple(one["nodes"])) for one in certificates(tmp_path)} == {
        (636, ("cml1",)),
        (3269, ("cml1",)),
    }
    assert holds(found["L05"], "2 of 77 users have no first name")
    assert holds(
        found["L07"], "has: 1 ", "in the other byte order: 1", "about 1 are decimal", "3 of 77 users have no card"
    )
    assert holds(found["L11"], "may write nothing")
    people = [f"{word}{number:03}" for word in ("person", "surname") for number in range(PERSONS + 20)]
    cards = [f"{0xA1B2C301 + number * 3:08X}" for number in range(PERSONS + 20)]
    assert_nobody_is_named(tmp_path, [*people, *cards, DOMAIN_PASSWORD], ran.stdout + ran.stderr)


def test_a_wrong_password_is_tried_once_and_told(slapd: LocalSlapd, authority: Authority, tmp_path: Path) -> None:
    described(
        tmp_path,
        "127.0.0.1",
        ["ldaps"],
        preset="openldap",
        port=slapd.tls_port,
        ca=str(authority.file),
        user=SERVICE,
        containers=[STAFF],
        attributes={"card": False},
    )
    ran = suite(tmp_path, "--row=L*", TEST_LDAP="Wrong-Heslo.1")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    found = verdicts(tmp_path)
    outcomes = {row: case["outcome"] for row, case in found.items()}
    assert (outcomes["L01"], outcomes["L11"], outcomes["L07"]) == ("passed", "failed", "not applicable")
    assert {outcomes[f"L{n:02}"] for n in (3, 4, 5, 6, 8, 9)} == {"unverified"}
    assert holds(found["L11"], "dc1 refuses the account: the name or the password is wrong")
    assert holds(found["L04"], "no users could be read: dc1:")

    silent = suite(tmp_path, "--row=L*")
    assert silent.returncode == 1, silent.stdout + silent.stderr
    assert holds(verdicts(tmp_path)["L11"], "its password cannot be had", "TEST_LDAP")
