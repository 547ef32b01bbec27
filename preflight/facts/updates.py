"""What Windows Update itself has outstanding for a host. It is asked only where the inventory says so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from preflight.agents.reads import Read, RegistryRead, UpdatesRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.registry_key import RegistryKey, registry_key
from preflight.facts.windows import clipped, whole
from preflight.topology.model import Topology

SCAN = UpdatesRead(name="updates:scan")
# Microsoft's policy of Automatic Updates: WUServer counts where UseWUServer, below AU, is 1.
SOURCE = RegistryRead(
    name="updates:source",
    path=r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate",
    values=("WUServer", "UseWUServer"),
    subkeys=True,
)
# Streams that keep their number and get new contents, some several times a day: signatures and platforms of Defender,
# and a tool that runs once. One of them is outstanding at nearly any time, and none patches Windows.
STREAMS = frozenset({"KB2267602", "KB4052623", "KB5007651", "KB890830"})
UNRATED = frozenset({"", "unspecified"})
NAMED = 5  # articles that a sentence names; the others are counted


@dataclass(frozen=True, slots=True)
class Update:
    """One update that is outstanding, in the host's own words."""

    title: str
    kb: str  # KB5031361; empty: it has no article
    severity: str  # Critical, Important, Moderate, Low; empty: no rating

    @property
    def name(self) -> str:
        """For a report."""
        return self.kb or self.title

    @property
    def of_security(self) -> bool:
        """Microsoft rated how severe the flaw is that it mends, or calls it a security update (in English alone)."""
        return bool(self.severity) or re.search(r"\bsecurity\b", self.title, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Updates:
    """What is outstanding by Windows Update's own answer, which counts for its source alone.

    `untold`: why there is no answer. `streams`: how many of STREAMS are outstanding; `unlisted`: how many more there
    are than the host told of.
    """

    asked: bool = False
    source: str = ""
    untold: str = ""
    security: tuple[Update, ...] = ()
    others: tuple[Update, ...] = ()
    streams: int = 0
    unlisted: int = 0

    @property
    def clear(self) -> bool:
        """It was asked, and has nothing that could be a patch."""
        return self.asked and not (self.untold or self.security or self.others or self.unlisted)

    @property
    def words(self) -> str:
        """The answer, for a report."""
        if self.untold:
            return f"Windows Update gave no answer, so the table of patches alone decides: {self.untold}"
        by = f"by Windows Update's own answer from {self.source}"
        if self.clear:
            beside = f" ({self.streams} of the antivirus' own updates are left out)" if self.streams else ""
            return f"no patch is outstanding, {by}{beside}"
        more = f"; {self.unlisted} more were not listed" if self.unlisted else ""
        return f"outstanding, {by}: {len(self.security)} for security, {len(self.others)} others{more}"

    @property
    def beside(self) -> str:
        """What it adds to a table that finds the build old, or cannot tell."""
        if not self.asked or self.untold:
            return ""
        if self.clear:
            return f"; Windows Update has nothing outstanding, but it knows only what {self.source} offers"
        if self.others:
            return f"; Windows Update has {named(self.others)} outstanding (no severity rating), from {self.source}"
        return f"; Windows Update did not list all that is outstanding, from {self.source}"


def named(updates: Iterable[Update]) -> str:
    """KB1, KB2 and 3 more, each once."""
    names = list(dict.fromkeys(update.name for update in updates))
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _reads(site: Topology) -> tuple[Read, ...]:
    return (SCAN, SOURCE) if site.checklist.ask_windows_update else ()


def _parse(told: Told) -> Updates:
    if SCAN.name not in told.facts:
        return Updates()
    source = _source(told)
    try:
        rows, total = _rows(told.value(SCAN.name))
    except UnobservedError as error:
        return Updates(True, source, untold=error.reason)
    listed = [_update(row) for row in rows]
    patches = [update for update in listed if update.kb not in STREAMS]
    return Updates(
        True,
        source,
        security=tuple(update for update in patches if update.of_security),
        others=tuple(update for update in patches if not update.of_security),
        streams=len(listed) - len(patches),
        unlisted=total - len(listed),
    )


def _rows(value: Any) -> tuple[list[dict[str, Any]], int]:
    rows, total = (value.get("updates"), whole(value.get("total"))) if isinstance(value, dict) else (None, None)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not _counted(rows, total):
        raise UnobservedError("what was told of updates has not the shape that the contract promises")
    return rows, total or 0


def _counted(rows: list[Any], total: int | None) -> bool:
    return total is not None and total >= len(rows)


def _update(row: dict[str, Any]) -> Update:
    title = clipped(row.get("title"))
    article, severity = row.get("kb"), row.get("severity")
    found = re.search(r"[0-9]{5,9}", article) if isinstance(article, str) else None
    number = found[0] if found else (said[1] if (said := re.search(r"\bKB([0-9]{5,9})\b", title)) else "")
    rating = clipped(severity).strip() if isinstance(severity, str) else ""
    return Update(title, f"KB{number}" if number else "", "" if rating.lower() in UNRATED else rating)


def _source(told: Told) -> str:
    try:
        key = registry_key(told, SOURCE.name) or RegistryKey()
    except UnobservedError:
        return "a source that could not be read"
    automatic = next((values for name, values in key.subkeys.items() if name.lower() == "au"), {})
    if whole(automatic.get("UseWUServer")) != 1:
        return "Microsoft (no WSUS server by policy)"
    server = key.values.get("WUServer")
    return f"the WSUS server {clipped(server)}" if server else "a WSUS server that policy does not name"


UPDATES = FactKind("updates", _parse, site_reads=_reads)
