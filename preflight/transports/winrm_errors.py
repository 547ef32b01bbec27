"""What went wrong on the way to a host, turned into a cause and a remedy: the table's reader. Pure."""

from __future__ import annotations

import re

from winrm.exceptions import WinRMOperationTimeoutError, WSManFaultError

from preflight.errors import TransportError
from preflight.topology.model import Manage
from preflight.transports.clean import cleaned, last_lines
from preflight.transports.winrm_faults import ROWS, FaultRow
from preflight.transports.winrm_http import HttpAnswerError
from preflight.transports.winrm_login import place, scheme

SAID_BYTES = 2000
# A login that failed is not tried again in the same run: a few more of them and the account is locked.
FINAL_KINDS = frozenset({"auth", "extras", "config"})
_MARKUP = re.compile(r"<[^>]*>")


def explained(error: BaseException, manage: Manage) -> TransportError:
    """The error of ours for one of requests, urllib3, pyspnego or pywinrm. It is not chained: those hold passwords."""
    if isinstance(error, TransportError):
        return error
    return from_clues(clues(error, manage), manage, said(error))


def from_clues(found: str, manage: Manage, told: str) -> TransportError:
    """The first row of the table whose every pattern is found; `told` is what was said there, for the sentence."""
    row = next(row for row in ROWS if all(re.search(p, found, re.MULTILINE) for p in row.clues))
    return TransportError(row.kind, _filled(row, row.cause, manage, told), _filled(row, row.remedy, manage, ""))


def clues(error: BaseException, manage: Manage) -> str:
    """What is known of an error, a line each, for the table's patterns."""
    lines = [
        f"scheme: {scheme(manage)}",
        f"auth: {manage.auth}",
        f"port: {place(manage).rpartition(':')[2]}",
        f"raised: {' < '.join(_chain(error)[: 1 if isinstance(error, HttpAnswerError) else None])}",
    ]
    if isinstance(error, HttpAnswerError):
        offered = error.headers.get("WWW-Authenticate", "")
        words = re.findall(r"(?:^|,)\s*([A-Za-z]+)", offered)
        lines += [f"http: {error.status}", f"offered: {' '.join(words).lower()}"]
        lines += [f"login: {'sent' if error.login_sent else 'none'}", f"server: {error.headers.get('Server', '')}"]
        lines.append(f"body: {cleaned(error.response_text[:SAID_BYTES])}")
    if isinstance(error, WSManFaultError):
        code = error.wsman_fault_code or error.wmierror_code
        lines += [f"code: {code}", f"subcode: {error.fault_subcode}", f"reason: {cleaned(str(error.reason))}"]
    if isinstance(error, WinRMOperationTimeoutError):
        lines.append("code: 2150858793")
    lines += getattr(error, "__notes__", [])
    return "\n".join(lines)


def said(error: BaseException) -> str:
    """The words of the host, or else of the library, as one bounded line."""
    if isinstance(error, WSManFaultError):
        words = f"{cleaned(str(error.reason))} ({error.wsman_fault_code or error.wmierror_code or 'no code'})"
    elif isinstance(error, HttpAnswerError):
        words = f"HTTP {error.status} {_MARKUP.sub(' ', cleaned(error.response_text[:SAID_BYTES]))}"
    else:
        words = cleaned(_innermost(error))
    return " ".join(last_lines(words, count=4, width=240).split())


def _filled(row: FaultRow, text: str, manage: Manage, told: str) -> str:
    ending = f" It said: {told}." if row.quotes and told else ""
    values = {
        "{t}": f"{place(manage)} ({scheme(manage)})",
        "{address}": manage.address,
        "{user}": manage.user or "this account",
        "{auth}": manage.auth,
        "{ca}": manage.verify if isinstance(manage.verify, str) else "the CAs of Python's certifi",
        "{files}": f"{manage.certificate} and {manage.certificate_key}",
        "{said}": told,
    }
    for name, value in values.items():
        text = text.replace(name, value)
    return text + (ending if text and row.cause and told and ending and "{said}" not in row.cause else "")


def _chain(error: BaseException) -> list[str]:
    """Type and text of an error and of those below it, innermost last."""
    found: list[str] = []
    seen: set[int] = set()
    queue: list[object] = [error]
    while queue and len(found) < 12:
        at = queue.pop(0)
        if not isinstance(at, BaseException) or id(at) in seen:
            continue
        seen.add(id(at))
        found.append(f"{type(at).__name__}: {cleaned(str(at)[:SAID_BYTES])}".replace("\n", " "))
        queue += [*at.args, getattr(at, "reason", None), at.__cause__, at.__context__]
    return found


def _innermost(error: BaseException) -> str:
    last = _chain(error)[-1]
    return re.sub(r"<[^>]*object at 0x[0-9a-f]+>:? ?", "", last)
