"""Tables of newest versions: the site's own, in its inventory or in a file, else the one that comes with the suite."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from preflight.topology.checklist_versions import (
    MOST_DAYS,
    RawBrowserTable,
    RawPatchTable,
    known_versions,
)
from preflight.topology.document import parse, read_text
from preflight.topology.managing import resolved
from preflight.topology.pieces import Checker, Pieces
from preflight.topology.problems import Place, Problems
from preflight.values.version_table import VersionTable

SHIPPED = Path(__file__).parents[1] / "facts" / "tables"
Written = RawBrowserTable | RawPatchTable


def resolve_table(
    pieces: Pieces, name: Literal["browsers", "patches"], folder: Path, at: Place, problems: Problems
) -> VersionTable:
    """The table of that name; `at` is its place. In a lab's inventory time may stand still: a table counts for ever."""
    written: Written | None = getattr(pieces.checklist, name)
    lab = pieces.lab is not None
    model = RawPatchTable if name == "patches" else RawBrowserTable
    shipped_file = SHIPPED / f"{name}.yaml"
    shipped, _ = _read(shipped_file, model, Place(str(shipped_file)), problems)
    days = shipped.fresh_days if shipped and shipped.fresh_days else 1
    if written is None:
        return _table(shipped, Place(str(shipped_file)), days, f"the suite's own table of {name}", problems)
    if (written.file is None) == (written.versions is None):
        if not problems.told_of(at):
            problems.add(at, "write the name of a file, or a table with `versions`")
        return VersionTable()
    if written.file is None:
        _check_days(written, at, lab, problems)
        return _table(written, at, days, f"the inventory's table of {name}", problems)
    file = Path(resolved(written.file, folder) or "")
    table, text = _read(file, model, at, problems)
    if table is None:
        return VersionTable()
    place = Place(str(file))
    if (table.file is not None or table.versions is None) and not problems.told_of(place.of("versions")):
        problems.add(place, "no usable `versions` in it; a table has {versions: {PRODUCT: [{version, as_of, source}]}}")
    _check_days(table, place, lab, problems)
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return _table(table, place, days, f"the site's table {file.name}", problems, str(file), digest)


def _table(
    raw: Written | None, at: Place, days: int, origin: str, problems: Problems, file: str = "", digest: str = ""
) -> VersionTable:
    if raw is None or raw.versions is None:
        return VersionTable()
    versions = known_versions(raw.versions, at.of("versions"), problems)
    return VersionTable(versions, raw.fresh_days or days, origin, file, digest)


def _read(file: Path, model: type[Written], at: Place, problems: Problems) -> tuple[Written | None, str]:
    text = read_text(file, "table", at, problems)
    if text is None:
        return None, ""
    if "versions:" not in text:  # an empty file, a list, a word: what the parser says of those speaks of inventories
        problems.add(
            Place(str(file)), "no `versions` in it; a table has {versions: {PRODUCT: [{version, as_of, source}]}}"
        )
        return None, text
    document = parse(text, str(file), problems)
    return Checker(document, problems).piece(document.data, document.place(), model), text


def _check_days(raw: Written, at: Place, lab: bool, problems: Problems) -> None:
    if raw.fresh_days is not None and raw.fresh_days > MOST_DAYS and not lab:
        problems.add(
            at.of("fresh_days"),
            f"a table of {raw.fresh_days} days ago says nothing of today; write {MOST_DAYS} at most, or take the lab's "
            "own table out",
        )
