"""What a directory's answers mean: result codes, Active Directory's login codes, and text made harmless."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from preflight.errors import TransportError
from preflight.values.step import Step
from preflight.wire.ldap_replies import Reply

MAX_SAID = 200
# RFC 4511, appendix A, as far as a search, a bind or StartTLS meets them.
CODES: Mapping[int, str] = {
    0: "success",
    1: "operationsError",
    2: "protocolError",
    3: "timeLimitExceeded",
    4: "sizeLimitExceeded",
    7: "authMethodNotSupported",
    8: "strongerAuthRequired",
    10: "referral",
    11: "adminLimitExceeded",
    12: "unavailableCriticalExtension",
    13: "confidentialityRequired",
    16: "noSuchAttribute",
    18: "inappropriateMatching",
    21: "invalidAttributeSyntax",
    32: "noSuchObject",
    34: "invalidDNSyntax",
    48: "inappropriateAuthentication",
    49: "invalidCredentials",
    50: "insufficientAccessRights",
    51: "busy",
    52: "unavailable",
    53: "unwillingToPerform",
    80: "other",
}
# Windows' error in the text of a refused login (hexadecimal, behind "data"): documented by Microsoft for AD.
_WINDOWS: Mapping[str, tuple[str, str, str]] = {
    "525": ("no-such-user", "the directory knows no such account", "Check the account's name in the inventory."),
    "52e": ("wrong-password", "the password is wrong", "Check the password, before repeated tries lock the account."),
    "530": ("wrong-hours", "the account may not log in at this time of day", "Have its logon hours lifted."),
    "531": ("wrong-workstation", "the account may not log in from here", "Have its list of workstations lifted."),
    "532": ("password-expired", "the password has expired", "Have it renewed and set not to expire."),
    "533": ("disabled", "the account is disabled", "Have the account enabled."),
    "568": ("too-many-groups", "the account is in too many groups", "Have it taken out of some."),
    "701": ("expired", "the account has expired", "Have the account's end date moved."),
    "773": ("must-change", "the password must be changed at first login", "Have it set once, without that flag."),
    "775": ("locked", "the account is locked", "Have it unlocked, and find out who tries a wrong password."),
}
_POLICY: Mapping[int, str] = {0: "532", 1: "775", 2: "773"}  # passwordExpired, accountLocked, changeAfterReset
_BIND: Mapping[int, tuple[str, str, str]] = {
    8: (
        "stronger-auth-required",
        "the directory refuses logins in clear (it asks for encryption or signing); that says nothing of the password",
        "Use `protocol: ldaps` or `starttls`; SafeQ must be set up likewise.",
    ),
    13: (
        "confidentiality-required",
        "the directory refuses logins in clear; that says nothing of the password",
        "Use `protocol: ldaps` or `starttls`; SafeQ must be set up likewise.",
    ),
    34: ("invalid-dn", "the account's name is no DN that it understands", "Write the DN, user@domain or DOMAIN\\user."),
    32: ("no-such-user", "the directory knows no such account", "Check the account's name in the inventory."),
    48: ("no-simple-bind", "the directory does not let this account log in by password", "Have it given a password."),
    7: ("no-simple-bind", "the directory takes no logins by password", "Have simple binds over TLS allowed."),
    49: ("wrong-password", "the name or the password is wrong", "Check both; the directory does not tell which."),
    53: ("unwilling", "the directory does not want this login", "Ask its administrator; its log says why."),
    51: ("busy", "the directory is busy", "Try again."),
    52: ("unavailable", "the directory is shutting down or not ready", "Try again, or ask its administrator."),
}
_DATA = re.compile(r"\bdata ([0-9a-fA-F]{2,8})\b")


def plain(raw: bytes | str, limit: int = MAX_SAID) -> str:
    """One bounded line of printable text of what somebody else wrote."""
    text = raw[: limit * 8].decode("utf-8", errors="replace") if isinstance(raw, bytes) else raw[: limit * 8]
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def code_name(code: int) -> str:
    """The name of a result code."""
    return CODES.get(code, f"result {code}")


def bind_trouble(reply: Reply, secret: str = "") -> TransportError | None:
    """Why a login was refused; None where it was not. The directory's own text is repeated without the secret."""
    if reply.code == 0 and reply.policy_error not in _POLICY:
        return None
    told = plain(reply.text)
    if secret:
        told = told.replace(secret, "***")
    data = _DATA.search(told)
    key = data[1].lower().lstrip("0") if data else _POLICY.get(-1 if reply.policy_error is None else reply.policy_error)
    kind, cause, remedy = _WINDOWS.get(key or "") or _BIND.get(
        reply.code, (code_name(reply.code), "the directory refuses the login", "Ask its administrator.")
    )
    quoted = f" ({code_name(reply.code)}: {told})" if told else f" ({code_name(reply.code)})"
    return TransportError(kind, f"{cause}{quoted}.", remedy)


def search_trouble(reply: Reply, dn: str) -> TransportError | None:
    """Why a search of that base failed; None where it did not. Limits count as failures here."""
    if reply.code == 0:
        return None
    name = code_name(reply.code)
    if reply.code == 32:
        near = _above(plain(reply.matched, 1000), dn)
        tail = f"; what exists of it is {near}" if near else ""
        return TransportError(name, f"there is no {dn}, or the account may not see it{tail}.", "Check the DN.")
    sentences = {
        1: ("the directory wants a login first, or cannot do this.", "Name an account in the inventory."),
        3: ("the directory's time limit ended the search.", "Have the account's time limit raised."),
        4: ("the directory's size limit ended the search.", "Have the account's size limit raised; SafeQ needs all."),
        8: ("the directory wants a stronger login first.", "Use `protocol: ldaps` or `starttls`."),
        10: ("the directory refers to another server for it.", "Name the server that holds this container."),
        11: ("a limit set by the administrator ended the search.", "Have the account's limits raised."),
        34: (f"{dn} is no DN that it understands.", "Check the DN."),
        50: (f"the account may not list {dn}.", "Have the right to list and read given to it there."),
    }
    cause, remedy = sentences.get(reply.code, (f"the directory answered {name}.", "Ask its administrator."))
    return TransportError(name, cause, remedy)


def _above(near: str, dn: str) -> str:
    """A DN that the asked one ends with; anything else may name a person and is not repeated."""
    return near if near and dn.casefold().replace(", ", ",").endswith("," + near.casefold().replace(", ", ",")) else ""


def failed(error: TransportError, took_s: float) -> Step:
    """The step that ended so."""
    return Step("timeout" if error.kind == "timeout" else "failed", error.kind, error.cause, error.remedy, took_s)


def not_asked(why: str) -> Step:
    """A step that did not come to be asked."""
    return Step("not-asked", "not-asked", why)
