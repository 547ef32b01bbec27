"""inventory.yaml and the CSV files beside it -> Topology, or every problem in them at once. Contacts nothing."""

from __future__ import annotations

import hashlib
import zoneinfo
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from preflight.errors import InventoryError
from preflight.topology.database_accounts import resolve_database
from preflight.topology.directories import resolve_directories
from preflight.topology.document import Document, parse, read_text
from preflight.topology.features import resolve_features
from preflight.topology.machines import Machines
from preflight.topology.managing import secret_ref
from preflight.topology.model import Topology
from preflight.topology.nearest import nearest, shown
from preflight.topology.networks import check_vantages, resolve_networks
from preflight.topology.pieces import Pieces, take_apart
from preflight.topology.printer_file import read_printers
from preflight.topology.problems import Place, Problems
from preflight.topology.raw_checklist import resolve_checklist
from preflight.topology.references import Once
from preflight.topology.share_accounts import resolve_shares
from preflight.topology.table_files import resolve_table

# Files beside the time zones that say nothing of a site: what this machine is set to, and what stands in for nothing.
_NO_PLACE = frozenset({"localtime", "posixrules", "Factory"})


def load_inventory(path: Path) -> Topology:
    """The validated site.

    Paths in the inventory are relative to its folder. Raises InventoryError: one problem a line, each with file and
    line and what would be right, in the order of the lines.
    """
    problems = Problems()
    text = read_text(path, "inventory", Place(str(path)), problems)
    document = Document(str(path)) if text is None else parse(text, str(path), problems)
    if text is None or not document.data:
        problems.raise_any()
        raise InventoryError(
            f"{path}:1: nothing in it can be used; an inventory says at least customer, site and hosts"
        )
    pieces = take_apart(document, problems)
    csv_texts = list(_printer_files(pieces, path.parent, problems))
    _check_timezone(pieces.timezone, document.place("timezone"), problems)
    _check_sites(pieces, document.place("sites"), problems)
    features = resolve_features(pieces, document.place("features"), problems)
    networks = resolve_networks(pieces, problems)
    machines = Machines(pieces, networks, features, path.parent, problems).build()
    check_vantages(pieces, machines, problems)
    directories = resolve_directories(pieces, path.parent, problems)
    checklist = replace(
        resolve_checklist(pieces.checklist, document.place("checklist"), problems),
        shares=resolve_shares(pieces.checklist.shares, path.parent, document.place("checklist", "shares"), problems),
        database=resolve_database(pieces, path.parent, document.place("checklist", "database"), problems),
        browsers=resolve_table(pieces, "browsers", path.parent, document.place("checklist", "browsers"), problems),
        patches=resolve_table(pieces, "patches", path.parent, document.place("checklist", "patches"), problems),
    )
    tables = [table for table in (checklist.browsers, checklist.patches) if table.file]
    problems.raise_any()
    return Topology(
        file=str(path),
        customer=pieces.customer,
        site_name=pieces.site,
        timezone=pieces.timezone,
        lab=pieces.lab,
        features=features,
        sites=pieces.sites,
        machines=machines,
        networks=networks,
        ports=pieces.ports,
        snmp_community=secret_ref(pieces.snmp.community, path.parent),
        lines=_dotted(document),
        digest=_digest([text, *csv_texts, *(table.digest for table in tables)]),
        files=(
            *(path.parent / name for name, _ in pieces.printer_files),  # an absolute name stays itself
            *(Path(table.file) for table in tables),
        ),
        directories=directories,
        checklist=checklist,
    )


def _printer_files(pieces: Pieces, folder: Path, problems: Problems) -> Iterable[str]:
    """Read each CSV of `printers` and add its printers to the pieces; gives the texts."""
    for name, at in pieces.printer_files:
        file = Path(name) if Path(name).is_absolute() else folder / name
        text = read_text(file, "printer file", at, problems)
        if text is not None:
            pieces.printers.extend(read_printers(text, str(file), problems, pieces.broken))
            yield text


def _check_sites(pieces: Pieces, at: Place, problems: Problems) -> None:
    once = Once("site", problems)
    for index, site in enumerate(pieces.sites):
        once.claim(site, at.of(index))


def _check_timezone(name: str, at: Place, problems: Problems) -> None:
    if name == "UTC":
        return
    if name in _NO_PLACE:
        problems.add(
            at,
            f"{shown(name)} is no place's time zone, each machine takes another for it; write one like Europe/Prague",
        )
        return
    try:
        zoneinfo.ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        # Windows has no time zone data of its own: without the package tzdata any name has to do there.
        known = zoneinfo.available_timezones()
        if known:
            problems.add(at, lambda: f"there is no time zone {shown(name)}{nearest(name, sorted(known - _NO_PLACE))}")


def _dotted(document: Document) -> dict[str, int]:
    return {".".join(map(str, path)): line for path, line in document.lines.items() if path}


def _digest(texts: Iterable[str]) -> str:
    """SHA-256 over the texts, line ends normalized, each closed by a zero byte."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8") + b"\0")
    return digest.hexdigest()
