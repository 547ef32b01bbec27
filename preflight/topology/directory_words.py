"""Single values of a `directory` section: DNs, filters, domain names, times, and the sentences for wrong ones."""

from __future__ import annotations

import re
from typing import Annotated

from preflight.topology.nearest import shown
from preflight.topology.scalars import Checked, matching

_RDN = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)+)\s*=\s*\S")
_COMMA = re.compile(r"(?<!\\)[,;]")
_PLUS = re.compile(r"(?<!\\)\+")
_ITEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9.;-]*(:dn)?(:[A-Za-z0-9.]+)?([~<>:]?=)[^()\x00]*\Z")
_UNIT_S = {"m": 60.0, "h": 3600.0, "d": 86400.0}
_INTERVAL = re.compile(r"([1-9][0-9]{0,3})\s*([mhd])\Z")
_DAILY = re.compile(r"daily\s+([01][0-9]|2[0-3]):([0-5][0-9])(?:\s*-\s*([01][0-9]|2[0-3]):([0-5][0-9]))?\Z")
MAX_FILTER, MAX_DN = 2000, 1000


def _distinguished(value: str) -> str:
    parts = [piece for rdn in _COMMA.split(value) for piece in _PLUS.split(rdn)]
    if len(value) > MAX_DN or not value.isprintable() or not all(_RDN.match(part) for part in parts):
        raise ValueError(f"{shown(value)} is not a DN; write one like OU=Users,DC=corp,DC=example")
    return value.strip()


def folded_dn(dn: str) -> str:
    """A DN for comparing: no blanks around separators, case even."""
    return re.sub(r"\s*(?<!\\)([,;=+])\s*", lambda m: "," if m[1] == ";" else m[1], dn.strip()).casefold()


def _filter(value: str) -> str:
    if len(value) > MAX_FILTER or not value.isprintable():
        raise ValueError(f"not a filter; write {MAX_FILTER} printable characters at most")
    try:
        end = _filter_end(value.strip(), 0, 0)
    except IndexError:
        end = -1
    if end != len(value.strip()):
        raise ValueError(
            f"{shown(value)} is not an LDAP filter; write one like (objectClass=person) or (&(a=1)(!(b=2)))"
        )
    return value.strip()


def _filter_end(text: str, at: int, depth: int) -> int:
    """Where the filter that begins at `at` ends; -1 when it is none. Raises IndexError where the text ends early."""
    if text[at] != "(" or depth > 30:
        return -1
    at += 1
    if text[at] in "&|!":
        only_one, count, at = text[at] == "!", 0, at + 1
        while at != -1 and text[at] != ")":
            at, count = _filter_end(text, at, depth + 1), count + 1
        return at + 1 if at != -1 and (count == 1 if only_one else count > 0) else -1
    end = text.find(")", at)
    return end + 1 if end != -1 and _ITEM.match(text[at:end]) else -1


def interval_s(value: str) -> float:
    """Seconds of `90m`, `24h` or `7d`. Raises ValueError saying what would be right."""
    found = _INTERVAL.match(value.strip())
    if found is None:
        raise ValueError(f"{shown(value)} is no interval; write one like 30m, 1h or 7d")
    return int(found[1]) * _UNIT_S[found[2]]


def full_run(value: str) -> tuple[float, float | None]:
    """Seconds between full runs, and minutes that one may take where a span says so. Raises ValueError."""
    daily = _DAILY.match(value.strip())
    if daily is None:
        if _INTERVAL.match(value.strip()):
            return interval_s(value), None
        raise ValueError(f"{shown(value)} is no time; write one like `daily 02:00-04:00` or 24h")
    if daily[3] is None:
        return 86400.0, None
    minutes = (int(daily[3]) * 60 + int(daily[4]) - int(daily[1]) * 60 - int(daily[2])) % 1440
    if minutes == 0:
        raise ValueError(f"{shown(value)} has no length; write a span like `daily 02:00-04:00`")
    return 86400.0, float(minutes)


def _interval_text(value: str) -> str:
    interval_s(value)
    return value.strip()


def _full_text(value: str) -> str:
    full_run(value)
    return value.strip()


_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
DomainName = Annotated[
    str, matching("a domain name", rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL}){{0,20}}", "one like corp.example")
]
AttributeText = Annotated[
    str,
    matching(
        "the name of an attribute",
        r"[A-Za-z][A-Za-z0-9-]{0,127}(;[A-Za-z0-9-]{1,64}){0,4}|[0-9]+(\.[0-9]+){1,30}",
        "one like sAMAccountName",
    ),
]
Distinguished = Annotated[str, Checked(_distinguished, {"description": "DN, as OU=Users,DC=corp,DC=example"})]
FilterText = Annotated[str, Checked(_filter, {"description": "LDAP filter, as (objectClass=person)"})]
Interval = Annotated[str, Checked(_interval_text, {"description": "30m, 1h, 7d"})]
FullRun = Annotated[str, Checked(_full_text, {"description": "daily 02:00-04:00, or 24h"})]
