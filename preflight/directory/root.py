"""The root DSE and the schema: what a directory says of itself before anybody asks for users."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from preflight.directory.options import Deadline
from preflight.directory.session import Session
from preflight.directory.wording import plain, search_trouble
from preflight.errors import TransportError
from preflight.values.directory import RootDse
from preflight.wire.ldap_replies import Entry
from preflight.wire.ldap_requests import PAGED_RESULTS, START_TLS, Search

MAX_LISTED = 200
_LEVELS = {
    "domain": "domainfunctionality",
    "forest": "forestfunctionality",
    "controller": "domaincontrollerfunctionality",
}
_ASKED = (
    "objectClass",
    "namingContexts",
    "defaultNamingContext",
    "configurationNamingContext",
    "subschemaSubentry",
    "supportedControl",
    "supportedExtension",
    "supportedSASLMechanisms",
    "vendorName",
    "vendorVersion",
    "dnsHostName",
    "domainFunctionality",
    "forestFunctionality",
    "domainControllerFunctionality",
    "isGlobalCatalogReady",
    "currentTime",
)
_NAMES = re.compile(rb"\bNAME\s+(?:'([^']{1,200})'|\(([^)]{1,2000})\))")
Raw = Mapping[str, list[str]]  # attribute's name in lower case -> values


def read_root(session: Session, deadline: Deadline) -> tuple[RootDse, Raw]:
    """The root DSE, as a value and raw. Raises TransportError where the directory does not give it."""
    asked_at = time.time()
    entries, reply = session.found(Search("", attributes=_ASKED, scope="base"), deadline)
    trouble = search_trouble(reply, "root DSE")
    if trouble or not entries:
        raise trouble or TransportError(
            "noSuchObject", "the directory does not show its root DSE.", "Have it made readable."
        )
    raw = _texts(entries[0])
    return _root(raw, asked_at), raw


def _texts(entry: Entry) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, values in entry.attributes:
        found[plain(name).casefold()] = [plain(value, 1000) for value in values[:MAX_LISTED]]
    return found


def _root(raw: Raw, asked_at: float) -> RootDse:
    def first(name: str) -> str:
        return (raw.get(name) or [""])[0]

    ready = first("isglobalcatalogready").upper()
    named_class = next((c for c in raw.get("objectclass", ()) if c.lower().endswith("rootdse")), "")
    return RootDse(
        naming_contexts=tuple(raw.get("namingcontexts", ())),
        default_naming_context=first("defaultnamingcontext"),
        vendor=first("vendorname") or named_class,
        version=first("vendorversion"),
        dns_name=first("dnshostname"),
        functional_level={level: int(first(n)) for level, n in _LEVELS.items() if first(n).isdecimal()},
        controls=tuple(dict.fromkeys(raw.get("supportedcontrol", ()))),
        paging=PAGED_RESULTS in raw.get("supportedcontrol", ()),
        start_tls=START_TLS in raw["supportedextension"] if "supportedextension" in raw else None,
        sasl=tuple(raw.get("supportedsaslmechanisms", ())),
        catalog_ready=ready == "TRUE" if ready in ("TRUE", "FALSE") else None,
        clock_offset_s=_offset(first("currenttime"), asked_at),
    )


def _offset(written: str, asked_at: float) -> float | None:
    """Its clock minus ours; `currentTime` is YYYYMMDDhhmmss.0Z."""
    try:
        told = datetime.strptime(written[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return round(told.timestamp() - asked_at, 1)


def read_schema(session: Session, raw: Raw, deadline: Deadline) -> frozenset[str] | None:
    """Names of all attributes that the directory knows, in lower case; None where it does not tell."""
    where = (raw.get("subschemasubentry") or [""])[0]
    if not where:
        return None
    wanted = Search(where, attributes=("attributeTypes",), scope="base")
    entries, reply = session.found(wanted, deadline, 1)
    if reply.code != 0 or not entries:
        return None
    names: set[str] = set()
    for _, values in entries[0].attributes:
        for value in values:
            found = _NAMES.search(value[:4000])
            if found:
                names.update(plain(name).casefold() for name in (found[1] or found[2]).replace(b"'", b" ").split())
    return frozenset(names) or None


def filled_in(template: str, raw: Raw) -> str | None:
    """A preset's base with the root DSE's values for `{name}`; None where the directory has no such value."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        values = raw.get(found[1].casefold())
        missing |= not values
        return values[0] if values else ""

    text = re.sub(r"\{([A-Za-z]+)\}", value, template)
    return None if missing else text
