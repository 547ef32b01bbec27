"""What SQL Server's errors mean for an account and a database: words and what to do. Numbers: sys.messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preflight.values.database import ServerError


@dataclass(frozen=True, slots=True)
class Meaning:
    """In words; `passing`: it says nothing about the account, only that the server was not ready."""

    text: str
    do: str
    passing: bool = False


_LOG = "The server's log (ERRORLOG) tells the true reason by a state, which no client gets."
_WAIT = "Run again when the server is ready."
LOGIN: dict[int, Meaning] = {
    18470: Meaning("the login is disabled", "Have it enabled: ALTER LOGIN ... ENABLE."),
    18486: Meaning("the login is locked out", "Have it unlocked, and find out who tries it with a wrong password."),
    18487: Meaning("its password has expired", "Have a new one set, without expiry (CHECK_EXPIRATION = OFF)."),
    18488: Meaning("its password must be changed at the first login", "Have it set without MUST_CHANGE."),
    18452: Meaning("the server takes Windows accounts only", "Have SQL logins allowed (mixed mode), and restart it."),
    18450: Meaning("the server takes Windows accounts only", "Have SQL logins allowed (mixed mode), and restart it."),
    17892: Meaning("a trigger on the server forbids the login", "Ask its administrator which, and why."),
    4064: Meaning("its default database cannot be opened", "Have its default database set to one that is there."),
    18401: Meaning("the server is upgrading itself", _WAIT, passing=True),
    18461: Meaning("the server is in single-user mode", _WAIT, passing=True),
    17142: Meaning("the server is paused", _WAIT, passing=True),
    6005: Meaning("the server is shutting down", _WAIT, passing=True),
    # Last: it comes along with others, which say more.
    18456: Meaning(
        "its password is wrong, or the server has no such SQL login",
        f"Compare name and password with the server's; SQL logins must be allowed (mixed mode). {_LOG}",
    ),
}
OPENING: dict[int, Meaning] = {
    911: Meaning("does not exist", "Have it created."),
    916: Meaning("is closed to it", "Have the login made a user of the database."),
    4060: Meaning("is closed to it", "Have the login made a user of the database."),
    927: Meaning("is being restored", "Wait for the restore, or have it finished (WITH RECOVERY)."),
    942: Meaning("is offline", "Have it brought online."),
    924: Meaning("is open to one user at a time", "Have it set to MULTI_USER."),
    922: Meaning("is recovering", _WAIT, passing=True),
    945: Meaning("lacks files or memory", "Ask the administrator; the server's log says what is missing."),
    976: Meaning("is a copy that takes no connections", "Name the availability group's listener as the server."),
    978: Meaning("is a copy for reading only", "Name the availability group's listener as the server."),
}


def login_meaning(errors: Iterable[ServerError]) -> Meaning:
    """The most telling of a login's errors."""
    return _meaning(errors, LOGIN, "the server refuses it")


def opening_meaning(errors: Iterable[ServerError]) -> Meaning:
    """The most telling error of a database that did not open."""
    return _meaning(errors, OPENING, "does not open")


def _meaning(errors: Iterable[ServerError], known: dict[int, Meaning], otherwise: str) -> Meaning:
    found = {error.number: error for error in errors}
    for number, meaning in known.items():
        if number in found:
            return Meaning(f"{meaning.text} (error {number})", meaning.do, meaning.passing)
    if not found:
        return Meaning(otherwise, _LOG)
    number, error = next(iter(found.items()))
    return Meaning(f"{otherwise} (error {number}: {error.text})", _LOG)
