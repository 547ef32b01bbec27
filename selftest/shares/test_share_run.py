"""The whole suite for C06 on a node: the real server is asked and judged, and the password is nowhere to be found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from smb_server import NAME, PASSWORD, SILENT, USER, WRONG, LocalSmbd

CLONE = Path(__file__).resolve().parents[2]
SITE = rf"""
customer: Share
site: Share
hosts:
  cml1: {{roles: [cml], address: 10.77.0.1, manage: {{by: local}}}}
checklist:
  shares:
    - {{path: '\\{NAME}\safeq$', file: setup.exe, user: {USER}, password: SECRET}}
    - {{path: '\\{SILENT}\safeq$', user: {USER}, password: SECRET}}
"""


def start(smbd: LocalSmbd, folder: Path, secret: str, *options: str, **env: str) -> subprocess.Popen[str]:
    """The suite in the server's network."""
    (folder / "inventory.yaml").write_text(SITE.replace("SECRET", f"{{{secret}}}"), "utf-8")
    command = [
        "env",
        f"--chdir={CLONE}",
        sys.executable,
        "-m",
        "pytest",
        "-q",
        f"--inventory={folder / 'inventory.yaml'}",
        *options,
    ]
    told = {**os.environ, "COLUMNS": "120", "PYTHONUTF8": "1", **env}
    pipe = subprocess.PIPE
    return subprocess.Popen([*smbd.inside, *command], env=told, stdout=pipe, stderr=pipe, text=True)


def verdict(folder: Path) -> dict[str, Any]:
    newest = sorted((folder / "reports").glob("2*/run.json"))[-1]
    (case,) = [case for case in json.loads(newest.read_text("utf-8"))["cases"] if case["row"] == "C06"]
    found: dict[str, Any] = case
    return found


def shown_to_others(secret: bytes, network: str) -> tuple[set[str], set[str]]:
    """Programs that run in this network, and those that show the secret: on their command line, smbclient in its
    environment. Tests beside this one start programs of their own, in networks of their own.
    """
    running, showing = set(), set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if str((place / "ns" / "net").readlink()) != network:
                continue
            name, said = (place / "comm").read_text().strip(), (place / "cmdline").read_bytes()
            kept = (place / "environ").read_bytes() if name == "smbclient" else b""
        except OSError:
            continue
        running.add(name)
        if secret in said or secret in kept:
            showing.add(f"{place.name} {name}")
    return running, showing


def files_with(folder: Path, secret: bytes) -> list[Path]:
    """What was written below a folder and holds the secret."""
    return [file for file in folder.rglob("*") if file.is_file() and secret in file.read_bytes()]


def test_asked_judged_and_the_password_kept(smbd: LocalSmbd, tmp_path: Path) -> None:
    secret = PASSWORD.encode()
    suite = start(smbd, tmp_path, "env: TEST_SHARE", "--row=C06", TEST_SHARE=PASSWORD)
    ran: set[str] = set()
    until = time.monotonic() + 100
    while suite.poll() is None and time.monotonic() < until:
        running, showing = shown_to_others(secret, smbd.network)
        ran |= running
        assert not showing
        time.sleep(0.02)
    out, err = suite.communicate(timeout=20)
    assert suite.returncode == 1, out + err
    assert "smbclient" in ran, "nobody was seen asking, so nothing was looked at"
    case = verdict(tmp_path)
    assert case["outcome"] == "unverified", case
    assert rf"\\{NAME}\safeq$ from cml1: listed, 9 things in it, setup.exe read" in case["seen"]
    assert SILENT in case["reason"]
    assert (tmp_path / "reports").is_dir()
    assert not files_with(tmp_path, secret)
    assert not files_with(tmp_path, json.dumps(PASSWORD)[1:-1].encode())
    assert PASSWORD.strip() not in out + err

    recorded = max(file.parent.name for file in (tmp_path / "reports").glob("2*/run.json"))
    again = start(smbd, tmp_path, "env: TEST_SHARE", f"--replay={recorded}")
    out, err = again.communicate(timeout=60)
    assert (again.returncode, verdict(tmp_path)) == (1, case), out + err
    assert len(list((tmp_path / "reports").glob("2*/run.json"))) == 2


@pytest.mark.parametrize(
    ("secret", "said"), [("file: share.secret", "was not let in"), ("env: NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE")]
)
def test_a_password_that_is_wrong_or_not_to_be_had(smbd: LocalSmbd, tmp_path: Path, secret: str, said: str) -> None:
    (tmp_path / "share.secret").write_text(f"{WRONG}\n", "utf-8")
    suite = start(smbd, tmp_path, secret, "--row=C06")
    out, err = suite.communicate(timeout=100)
    case = verdict(tmp_path)
    assert said in case["reason"], out + err
    assert files_with(tmp_path, WRONG.encode()) == [tmp_path / "share.secret"]
    assert case["outcome"] == ("failed" if said == "was not let in" else "unverified")


def test_smbclient_leaves_nothing_behind(smbd: LocalSmbd, tmp_path: Path) -> None:
    places = [
        Path(place)
        for place in ("/run/samba", "/var/lib/samba", "/var/cache/samba", "/root/.cache/samba", "/etc/samba")
    ]

    def state() -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for place in places for file in place.rglob("*")}

    before = state()
    suite = start(smbd, tmp_path, "env: TEST_SHARE", "--row=C06", TEST_SHARE=PASSWORD)
    suite.communicate(timeout=100)
    assert NAME in verdict(tmp_path)["seen"]
    assert state() == before
