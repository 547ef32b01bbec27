"""Reads that both languages answer on Linux: files, names, disks tell the same; and shares, tried on plain folders."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gather_run import HERE, powershell
from reads_run import told, told_by_python

from preflight.agents.reads import DiskRead, FileRead, NamesRead
from preflight.agents.scripts import agent_script, powershell_command, powershell_feed

pytestmark = pytest.mark.real
TEXT = "caf\u00e9 \U0001f5a8 \u2028 \x00 end"


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    powershell()


def test_files_and_their_texts(tmp_path: Path) -> None:
    contents = {
        "utf8": TEXT.encode(),
        "marked": b"\xef\xbb\xbf" + TEXT.encode(),
        "little": b"\xff\xfe" + TEXT.encode("utf-16-le"),
        "big": b"\xfe\xff" + TEXT.encode("utf-16-be"),
        "cut": b"x" * 63 + "\u00e9".encode() + b"more",
        "cut16": b"\xff\xfe" + ("x" * 30 + "\U0001f5a8").encode("utf-16-le"),
        "broken mark": b"\xef\xbb\xbfa\xffb",
        "empty": b"",
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    os.utime(tmp_path / "utf8", ns=(0, 1700000000123456789))
    reads = [FileRead(name=name, path=f"%PREFLIGHT_FOLDER%/{name}", text_bytes=64) for name in contents]
    reads.append(FileRead(name="no text", path=str(tmp_path / "utf8")))
    environment = {"PREFLIGHT_FOLDER": str(tmp_path)}
    seen = told(*reads, env={**environment, "PWSH_CULTURE": "cs-CZ"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFLIGHT_FOLDER", str(tmp_path))
        assert told_by_python(*reads) == seen
    whole = {"exists": True, "size": len(contents["utf8"]), "modified": 1700000000.123, "version": None, "text": TEXT}
    assert seen["utf8"] == {"status": "ok", "value": whole, "detail": ""}
    assert {seen[name]["value"]["text"] for name in ("marked", "little", "big")} == {TEXT}
    assert seen["cut"]["value"]["text"] == "x" * 63
    assert seen["cut"]["detail"] == "The text is the first 64 of 69 bytes."
    assert seen["cut16"]["value"]["text"] == "x" * 30
    assert seen["broken mark"]["value"]["text"] == "a\ufffdb"
    assert seen["empty"]["value"]["text"] == ""
    assert seen["no text"]["value"]["text"] is None


def test_text_in_no_known_coding_is_still_told(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"caf\xe9 = 1")
    read = FileRead(name="old", path=str(tmp_path / "old"), text_bytes=100)
    for seen in (told(read), told_by_python(read)):
        assert re.fullmatch(r"caf. = 1", seen["old"]["value"]["text"])


def test_the_largest_text_fits_into_an_event(tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"\x01" * 300000)
    read = FileRead(name="full", path=str(tmp_path / "full"), text_bytes=262144)
    seen = told(read)
    assert told_by_python(read) == seen
    assert seen["full"]["value"]["text"] == "\x01" * 262144


def test_a_version_is_four_numbers() -> None:
    engine = powershell()
    said = subprocess.run(
        [engine, "-Command", "[psobject].Assembly.Location"], capture_output=True, text=True, check=False
    )
    if not said.stdout.strip().endswith(".dll"):
        pytest.skip("no library whose version could be read")
    version = told(FileRead(name="dll", path=said.stdout.strip()))["dll"]["value"]["version"]
    assert len(version) == 4
    assert version[0] >= 7


def test_a_folder_that_may_not_be_entered_is_no_missing_file() -> None:
    if shutil.which("setpriv") is None or os.geteuid() != 0:
        pytest.skip("no setpriv, or not root: another account cannot be tried")
    # Of root, so that the account has no right; outside of pytest's folder, which nobody else can enter.
    reads = [FileRead(name="shut", path="/root/.preflight-none"), FileRead(name="open", path="/etc/hosts")]
    wrap = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    seen = told_by_python(*reads, wrap=wrap)
    assert seen["shut"]["status"] == "denied"
    assert seen["open"]["status"] == "ok"


def test_the_disk_that_holds_a_path(tmp_path: Path) -> None:
    reads = [DiskRead(name=path, path=path) for path in (str(tmp_path / "not" / "there"), "/", "/proc/self", "/dev/x")]
    seen, python = told(*reads), told_by_python(*reads)
    for name, event in seen.items():
        assert event["status"] == "ok"
        assert event["value"]["path"] == name
        assert event["value"]["volume"] == python[name]["value"]["volume"]
        assert event["value"]["total"] == python[name]["value"]["total"]
        assert 0 <= event["value"]["free"] <= event["value"]["total"]


def test_names_of_a_real_server_that_knows_few() -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None or not Path("/etc/nsswitch.conf").exists():
        pytest.skip("a network of its own needs root, unshare and glibc's resolver")
    wrap = ("unshare", "--net", "--mount", sys.executable, "-S", str(HERE / "reads_names.py"))
    names = ("a.test", "two.test", "nothing.test", "gone.test", "broken.test", "silent.test", "written.test")
    addresses = ("10.9.0.1", "10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6", "10.9.0.9")
    reads = [
        NamesRead(name="both", forward=names, reverse=addresses, follow=True),
        NamesRead(name="unfollowed", reverse=addresses),
        NamesRead(name="beside", forward=("localhost",)),
    ]
    seen = told(*reads, wrap=wrap, fact_deadline_s=8)
    python = told_by_python(*reads, wrap=wrap, fact_deadline_s=8)
    for all_told in (seen, python):
        reverse = {"10.9.0.1": ["a.test"], "10.9.0.2": ["lost.test"], "10.9.0.9": []}
        reverse["10.9.0.5"] = ["written.test"]
        forward: dict[str, Any] = {"a.test": ["10.9.0.1"], "nothing.test": [], "gone.test": [], "lost.test": []}
        forward["written.test"] = ["10.9.0.5"]
        for name in ("both", "unfollowed"):
            # .NET tells an address' name only once somebody has answered for the name, too.
            assert all_told[name]["value"]["reverse"].pop("10.9.0.4", None) == (
                None if all_told is seen else ["silent.test"]
            )
            assert all_told[name]["value"]["failed"].pop("10.9.0.4", None) == ("timeout" if all_told is seen else None)
        value = all_told["both"]["value"]
        assert sorted(value["forward"].pop("two.test")) == ["10.9.0.2", "10.9.0.22"]
        assert value["failed"].pop("nothing.test") in ("NoData", "HostNotFound")
        assert value["forward"] == forward
        assert value["reverse"] == reverse
        failed = {"gone.test": "HostNotFound", "lost.test": "HostNotFound", "10.9.0.9": "HostNotFound"}
        failed |= {"broken.test": "TryAgain", "10.9.0.6": "TryAgain"}
        assert value["failed"] == {**failed, "silent.test": "timeout", "10.9.0.3": "timeout"}
        assert all_told["unfollowed"]["value"]["forward"] == {}
        assert all_told["unfollowed"]["value"]["reverse"] == reverse
        assert "lost.test" not in all_told["unfollowed"]["value"]["failed"]
        assert all_told["beside"]["value"] == {"forward": {"localhost": ["127.0.0.1"]}, "reverse": {}, "failed": {}}


def functions() -> str:
    """The agent's functions without its main part."""
    return agent_script("gather", "powershell").decode("ascii").partition("\n$code = Start-Agent")[0]


def called(expression: str) -> Any:
    """What a PowerShell expression over the agent's functions gives, as JSON."""
    script = f"{functions()}\n[Console]::Out.WriteLine(({expression}))\nexit 0\n".encode("ascii")
    done = subprocess.run(
        powershell_command(powershell()), input=powershell_feed(script, []), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b""), done
    return json.loads(done.stdout)


def test_steps_of_opening_a_share_by_plain_folders(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    for number in range(60):
        (tmp_path / "share" / f"{number}.txt").write_text("x")
    (tmp_path / "share" / "empty").touch()
    cases: dict[str, tuple[str, str]] = {
        "open": ("share", ""),
        "read": ("share", "5.txt"),
        "empty": ("share", "empty"),
        "no file": ("share", "nope.txt"),
        "no folder": ("nope", "5.txt"),
        "a file": ("share/5.txt", ""),
    }
    reads = ", ".join(f"@{{ path = '{tmp_path / folder}'; file = '{file}' }}" for folder, file in cases.values())
    seen = called(f"'[' + ((@({reads}) | ForEach-Object {{ (Read-ShareAnswer $_ @{{}}).json }}) -join ',') + ']'")
    answers = dict(zip(cases, seen, strict=True))
    assert {name: (a["code"], a["listed"], a["entries"], a["read"]) for name, a in answers.items()} == {
        "open": (0, True, 50, None),
        "read": (0, True, 50, True),
        "empty": (0, True, 50, True),
        "no file": (2, True, 50, False),
        "no folder": (3, False, None, None),
        "a file": (answers["a file"]["code"], False, None, None),
    }
    assert answers["a file"]["code"] != 0
    assert {a["logon"] for a in answers.values()} == {"unknown"}
    assert answers["no folder"]["detail"]


def test_codes_of_windows_in_what_dotnet_throws() -> None:
    # What .NET puts into HResult: 0x80070000 joined to the code.
    codes = {"80070005": 5, "80070035": 53, "80070043": 67, "800704C3": 1219, "8007052E": 1326, "80070775": 1909}
    codes["800F030E"] = 0x8009030E
    expression = ", ".join(f"(Read-ShareCode ([Convert]::ToInt32('{code}', 16)))" for code in codes)
    assert called(f"ConvertTo-Wire @({expression}, (Read-ShareCode ([Convert]::ToInt32('80131515', 16))))") == [
        *codes.values(),
        None,
    ]


def test_logons_that_can_and_cannot_go_on() -> None:
    users = "'S-1-1-0', 'S-1-5-32-545', 'S-1-5-11'"
    cases = {
        f"@({users}, 'S-1-5-2') 0 'NTLM'": "network",
        f"@({users}, 'S-1-5-2') 3 'Kerberos'": "network",
        f"@({users}, 'S-1-5-2') 4 'Kerberos'": "interactive",
        f"@({users}, 'S-1-5-2') 0 'CredSSP'": "interactive",
        f"@({users}, 'S-1-5-4') 0 'Negotiate'": "interactive",
        f"@({users}, 'S-1-5-6') 0 'Negotiate'": "interactive",
        f"@({users}) 0 ''": "unknown",
        "@() 0 ''": "unknown",
    }
    expression = ", ".join(f"(Read-LogonKind {arguments})" for arguments in cases)
    assert called(f"ConvertTo-Wire @({expression})") == list(cases.values())
