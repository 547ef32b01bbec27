"""Shared folders as a host's account could open them, each step by Windows' own code."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from preflight.agents.reads import NamesRead, Read, ShareRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.node_names import name_answers
from preflight.facts.windows import whole
from preflight.facts.windows_services import plain
from preflight.topology.model import SecretRef, Topology

NAMES = "shares:names"
Step = Literal["way", "login", "folder", "right", "unknown"]
# Windows' system error codes (winerror.h, as documented by Microsoft); what each says of a share in our words.
CODES: Mapping[int, tuple[Step, str]] = {
    51: ("way", "the server is not there"),
    53: ("way", "nobody answers under that name on TCP 445"),
    54: ("way", "the network is busy"),
    59: ("way", "the connection broke"),
    64: ("way", "the server closed the connection"),
    58: ("way", "what answers there speaks no SMB"),
    71: ("way", "the server takes no more connections"),
    121: ("way", "no answer in time"),
    384: ("way", "the server speaks nothing newer than SMB 1"),
    1203: ("way", "no network provider takes that path"),
    1222: ("way", "there is no network"),
    1225: ("way", "the server refused the connection"),
    1229: ("way", "the server closed the connection"),
    1231: ("way", "the network cannot be reached"),
    1232: ("way", "the server cannot be reached"),
    1236: ("way", "the connection was broken off"),
    86: ("login", "the password is wrong"),
    1219: ("login", "another account is already connected to that server"),
    1240: ("login", "the account may not log in from this machine"),
    1272: ("login", "the server lets guests in only, and this machine does not go in as a guest"),
    1311: ("login", "no domain controller could be asked"),
    1312: ("login", "the session has no credentials to show"),
    1326: ("login", "the account was not let in"),
    1317: ("login", "the server knows no such account"),
    1328: ("login", "the account may not log in at this hour"),
    1329: ("login", "the account may not log in from this machine"),
    1793: ("login", "the account has expired"),
    1327: ("login", "a restriction of the account forbids it"),
    1330: ("login", "the password has expired"),
    1331: ("login", "the account is disabled"),
    1385: ("login", "the account may not log in over the network"),
    1396: ("login", "the server's name does not fit its account in the domain"),
    1398: ("login", "the clocks of the two machines are too far apart"),
    1907: ("login", "the password has to be changed first"),
    1909: ("login", "the account is locked"),
    2148074254: ("login", "the session has no credentials to show"),
    2: ("folder", "there is no such file or folder"),
    3: ("folder", "there is no such folder"),
    67: ("folder", "the server has no share of that name"),
    123: ("folder", "the path cannot be a name"),
    161: ("folder", "the path cannot be a name"),
    267: ("folder", "it is a file and no folder"),
    32: ("right", "another program holds it"),
    5: ("right", "the account has no right to it"),
    65: ("right", "the account has no right to it over the network"),
}


@dataclass(frozen=True, slots=True)
class ShareSeen:
    """One share; `read` None: no file was asked for, or it did not get that far."""

    code: int
    listed: bool
    entries: int | None
    read: bool | None
    logon: str  # network: nothing to log in further with; interactive, given; guest: no account; unknown: not told
    detail: str

    @property
    def step(self) -> Step:
        """Where it stopped."""
        return CODES[self.code][0] if self.code in CODES else "unknown"

    @property
    def words(self) -> str:
        """The code as a person reads it."""
        said = CODES[self.code][1] if self.code in CODES else self.detail or "no further word"
        return f"{said} (Windows error {self.code})"

    @property
    def second_hop(self) -> bool:
        """Whether a logon that cannot go on to another machine explains it: the account was never shown there."""
        return self.logon not in ("interactive", "given", "guest") and self.step in ("login", "right")

    @property
    def nobody(self) -> bool:
        """Whether it was asked without any account, and that explains it."""
        return self.logon == "guest" and self.step in ("login", "right")


@dataclass(frozen=True, slots=True)
class Shares:
    """All that one host told of shares."""

    told: Told

    def folder(self, path: str) -> ShareSeen:
        """What came of one share. Raises UnobservedError."""
        value = self.told.value(read_name(path))
        code = whole(value.get("code")) if isinstance(value, dict) else None
        if code is None:
            raise UnobservedError(f"what {self.told.host} told of {path} has not the shape that the contract promises")
        listed, read = value.get("listed"), value.get("read")
        return ShareSeen(
            code=code % 2**32,
            listed=listed is True,
            entries=whole(value.get("entries")),
            read=read if isinstance(read, bool) else None,
            logon=plain(value.get("logon")),
            detail=plain(value.get("detail")),
        )

    def late(self, path: str) -> bool:
        """Whether the answer did not come in time."""
        fact = self.told.facts.get(read_name(path))
        return fact is not None and fact.status == "timeout"

    def knows(self, server: str) -> bool | None:
        """Whether the server's name has an address there; None where that was not told, or no name was asked."""
        try:
            answers = name_answers(self.told, NAMES).forward
        except UnobservedError:
            return None
        found = answers.get(server.casefold())
        return None if found is None else bool(found)


def read_name(path: str) -> str:
    """The name of a share's read: it holds the path, so that a recording is its own key."""
    return f"shares:{path}"


def _reads(site: Topology) -> tuple[Read, ...]:
    folders = site.checklist.shares
    servers = tuple(dict.fromkeys(share.server for share in folders if not _is_address(share.server)))
    names = (NamesRead(name=NAMES, forward=servers),) if servers else ()
    reads = (
        ShareRead(name=read_name(share.path), path=share.path, file=share.file, user=share.user) for share in folders
    )
    return (*reads, *names)


def _secrets(site: Topology) -> dict[str, SecretRef]:
    return {read_name(share.path): share.password for share in site.checklist.shares if share.password is not None}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


SHARES = FactKind("shares", Shares, site_reads=_reads, site_secrets=_secrets)
