"""What is asked of the real file server, and what must come of it: by an agent's code, and by item C06's own test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from item_cases import Recorded, play
from pydantic import SecretStr
from smb_server import CLOSED_PORT, DISABLED, NAME, PASSWORD, SILENT, USER, WRONG

from preflight.agents.reads import ShareRead
from preflight.values.outcome import Verdict

SAFEQ = rf"\\{NAME}\safeq$"


@dataclass(frozen=True, slots=True)
class Row:
    """One share as the inventory has it, and what is expected of it."""

    name: str
    path: str
    file: str = ""
    user: str = USER
    password: str = PASSWORD
    code: int = 0
    windows: int | None = None  # what Windows says in its place, where that is known to differ
    listed: bool = True
    entries: int | None = 9
    read: bool | None = None
    outcome: Literal["passed", "failed", "unverified"] = "failed"
    says: str = ""
    do: str = ""

    @property
    def question(self) -> ShareRead:
        """What the agent is asked."""
        secret = SecretStr(self.password)
        return ShareRead(name=self.name, path=self.path, file=self.file, user=self.user, password=secret)

    def value(self, language: Literal["python", "powershell"]) -> dict[str, Any]:
        """What it must tell, without words for a person and the logon."""
        code = self.windows if language == "powershell" and self.windows is not None else self.code
        return {"code": code, "listed": self.listed, "entries": self.entries, "read": self.read}

    def judged(self, told: dict[str, Any], folder: Path) -> Verdict:
        """The item's verdict on what an agent told: status, value and detail of the read."""
        share: dict[str, Any] = {"path": self.path, **({"file": self.file} if self.file else {})}
        if self.user:
            share |= {"user": self.user, "password": {"env": "UNUSED"}}
        fact = told["value"] if told["status"] == "ok" else {"status": told["status"], "detail": told["detail"]}
        row = {
            "name": self.name,
            "inventory": {"checklist": {"shares": [share]}},
            "facts": {f"shares:{self.path}": fact},
        }
        return play(Recorded("C06", "before", row), folder)


def _open(name: str, path: str, says: str, **more: Any) -> Row:
    return Row(name, path, outcome="passed", says=says, **more)


def _shut(name: str, path: str, code: int, says: str, do: str, **more: Any) -> Row:
    return Row(name, path, code=code, listed=False, entries=None, says=says, do=do, **more)


def _unread(name: str, file: str, code: int, says: str, do: str) -> Row:
    return Row(name, SAFEQ, file, code=code, read=False, says=says, do=do)


RIGHTS, PLACE, WAY, LOGIN = "both lists of rights", "Create the share", "Let TCP 445 pass", "a login on the file server"
NO_RIGHT = "has no right to it (Windows error 5)"
OPEN = [
    _open("listed", SAFEQ, "listed, 9 things in it"),
    _open("a file read", SAFEQ, "9 things in it, setup.exe read", file="setup.exe", read=True),
    _open("an empty file", SAFEQ, "empty read", file="empty", read=True),
    _open("a big file", SAFEQ, "big.iso read", file="big.iso", read=True),
    _open("signs in a name", SAFEQ, "x.txt read", file="\u017dlu\u0165;! x.txt", read=True),
    _open("folders below", rf"{SAFEQ}\5.0", "1 things in it", file=r"setup\a.msi", read=True, entries=1),
    _open("more than are counted", rf"{SAFEQ}\many", "50 things in it", entries=50),
    _open("an account with its domain", SAFEQ, "listed", user=rf"FILES\{USER}"),
]
SHUT = [
    _unread("a file that may not be read", "secret.txt", 5, f"the file secret.txt in {SAFEQ} from cml1", RIGHTS),
    _unread("a file in a folder that may not be entered", r"closed\x.txt", 5, NO_RIGHT, RIGHTS),
    _unread("no such file", "nope.exe", 2, "no such file or folder (Windows error 2)", PLACE),
    _unread("no such folder of the file", r"nope\setup.exe", 3, "no such folder (Windows error 3)", PLACE),
    _unread("the file is a folder", "many", 5, NO_RIGHT, RIGHTS),
    _shut("a folder that may not be entered", rf"{SAFEQ}\closed", 5, NO_RIGHT, RIGHTS),
    _shut("a folder that may not be listed", rf"{SAFEQ}\shut", 5, NO_RIGHT, RIGHTS),
    _shut("no such folder", rf"{SAFEQ}\nope", 3, "no such folder (Windows error 3)", PLACE),
    _shut("the folder is a file", rf"{SAFEQ}\setup.exe", 267, "is a file and no folder", PLACE),
    _shut("no such share", rf"\\{NAME}\nope", 67, "no share of that name (Windows error 67)", PLACE),
    _shut("a share for others", rf"\\{NAME}\admins", 5, NO_RIGHT, RIGHTS),
    _shut("nobody listens", rf"\\{CLOSED_PORT}\safeq$", 1225, "", WAY, windows=53),
    _shut("no such name", r"\\nosuch\safeq$", 53, "nobody answers under that name", WAY),
]
KEPT_OUT = [
    _shut("a wrong password", SAFEQ, 1326, "was not let in (Windows error 1326)", LOGIN, password=WRONG),
    _shut("a disabled account", SAFEQ, 1331, "account is disabled (Windows error 1331)", LOGIN, user=DISABLED),
]
SILENCE = _shut("silence", rf"\\{SILENT}\safeq$", 121, "no answer in time", WAY)
AS_GUEST = [
    _open(
        "open to everybody", rf"\\{NAME}\public", "setup.exe read", file="setup.exe", read=True, user="", password=""
    ),
    Row(
        "closed to guests",
        SAFEQ,
        user="",
        password="",
        code=5,
        listed=False,
        entries=None,
        outcome="unverified",
        says="asked as a guest",
        do="password: {env: SHARE_PASSWORD}",
    ),
]
