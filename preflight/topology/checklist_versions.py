"""`checklist.browsers` and `checklist.patches`: dated tables of newest versions, as written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from preflight.topology.nearest import shown
from preflight.topology.problems import Place, Problems
from preflight.topology.raw_base import Raw
from preflight.topology.scalars import Checked, PathText, matching, text_up_to
from preflight.values.version_table import VERSION_PATTERN, KnownVersion, Version, parse_version

OPEN = "?"  # what the ready block of a report has where only the site can tell: it must be filled in
MOST_DAYS = 92  # a table that counts for longer says nothing of today; only the lab's time may stand still
_VERSION = matching("a version", VERSION_PATTERN, 'numbers and dots in quotes, like "158.0.1"')


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{shown(value)} is not a day; write one like 2026-11-10") from None
    return value


class RawKnown(Raw):
    """One entry of a table."""

    version: Annotated[str, _VERSION]
    as_of: Annotated[str, Checked(_day, {"description": "day, as 2026-11-10"})]
    source: Annotated[str, text_up_to(400)]
    line: Annotated[str, _VERSION] | None = None


Entries = Annotated[list[RawKnown], Field(max_length=200)]


class RawBrowserVersions(Raw):
    """`versions` of a table of browsers."""

    edge: Entries = Field(default_factory=list)
    chrome: Entries = Field(default_factory=list)
    firefox: Entries = Field(default_factory=list)


class RawPatchVersions(Raw):
    """`versions` of a table of patches."""

    windows: Entries = Field(default_factory=list)


class RawTable(Raw):
    """A table, or the file that it stands in."""

    file: PathText | None = None
    fresh_days: Annotated[int, Field(ge=1, le=36500)] | None = None


class RawBrowserTable(RawTable):
    """`checklist.browsers`."""

    versions: RawBrowserVersions | None = None


class RawPatchTable(RawTable):
    """`checklist.patches`."""

    versions: RawPatchVersions | None = None


def _named(value: Any) -> Any:
    """A lone word is the name of a file."""
    return {"file": value} if isinstance(value, str) else value


BrowserTable = Annotated[RawBrowserTable, BeforeValidator(_named, json_schema_input_type=PathText | RawBrowserTable)]
PatchTable = Annotated[RawPatchTable, BeforeValidator(_named, json_schema_input_type=PathText | RawPatchTable)]


def known_versions(
    written: RawBrowserVersions | RawPatchVersions, at: Place, problems: Problems
) -> dict[str, tuple[KnownVersion, ...]]:
    """The entries by product; notes days to come, sources left open, and versions that do not belong to their line."""
    found: dict[str, tuple[KnownVersion, ...]] = {}
    for product in type(written).model_fields:
        entries: list[RawKnown] = getattr(written, product)
        if entries:
            found[product] = tuple(_entries(product, entries, at.of(product), problems))
    return found


def _entries(product: str, entries: list[RawKnown], at: Place, problems: Problems) -> Iterator[KnownVersion]:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)  # somewhere it is tomorrow already
    for index, entry in enumerate(entries):
        here = at.of(index)
        version, day = parse_version(entry.version) or (), date.fromisoformat(entry.as_of)
        line = _line(product, entry, version, here, problems)
        if day > tomorrow:
            problems.add(here.of("as_of"), f"{entry.as_of} is still to come; write the day on which the source said so")
        if entry.source.strip() == OPEN:
            problems.add(here.of("source"), "not filled in; write where it stands that this is the newest version")
        yield KnownVersion(version, day, entry.source, line)


def _line(product: str, entry: RawKnown, version: Version, here: Place, problems: Problems) -> Version:
    if product == "windows":
        if len(version) != 2:
            problems.add(here.of("version"), f"{shown(entry.version)}: write build and revision, like '17763.9487'")
        return version[:1]  # each build of Windows is a line of its own
    line = parse_version(entry.line) or ()
    if version[: len(line)] != line:
        problems.add(here.of("line"), f"{shown(entry.version)} does not begin with {shown(entry.line)}")
    return line
