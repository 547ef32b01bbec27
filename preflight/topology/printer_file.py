"""printers.csv: thousands of printers, one a line, with the keys of `printers` as columns."""

from __future__ import annotations

import csv
import io

from preflight.topology.document import Document
from preflight.topology.nearest import nearest, shown
from preflight.topology.pieces import Checker, Entry
from preflight.topology.problems import Place, Problems
from preflight.topology.raw import RawPrinter

COLUMNS = tuple(RawPrinter.model_fields)
_REQUIRED = ("name", "address")
_LISTS = frozenset({"servers", "terminal", "delivery", "scan"})


def read_printers(text: str, file: str, problems: Problems, broken: set[str]) -> list[Entry[RawPrinter]]:
    """Printers of a CSV's text. Cells left empty are unsaid, `none` is an empty list, `+` separates a list's items."""
    first, _, _ = text.partition("\n")
    # Excel writes the separator of the user's country; a header has no other use for either sign.
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    checker = Checker(Document(file), problems)
    found: list[Entry[RawPrinter]] = []
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            at = Place(file, (), {(): line})
            line = reader.line_num + 1
            values = [cell.strip() for cell in cells]
            if not any(values):
                continue
            if not header:
                header = [name.lower() for name in values]
                if not _header_is_right(header, at, problems):
                    return []
            elif len(values) != len(header):
                problems.add(at, f"{_cells(len(values))} where the header has {len(header)}; fill or remove some")
            elif entry := checker.named(_row(header, values), at, RawPrinter, broken):
                found.append(entry)
    except csv.Error as error:
        problems.add(Place(file, (), {(): reader.line_num or line}), f"not CSV: {error}; check the quotes of this line")
    if not header:
        problems.add(Place(file), f"the file is empty; its first line names the columns: {';'.join(COLUMNS)}")
    return found


def _header_is_right(header: list[str], at: Place, problems: Problems) -> bool:
    right = True
    for index, name in enumerate(header):
        if name not in COLUMNS:
            problems.add(at, f"no such column {shown(name)}{nearest(name, COLUMNS)}")
            right = False
        elif name in header[:index]:
            problems.add(at, f"column {shown(name)} stands twice; keep one of the two")
            right = False
    for name in _REQUIRED:
        if name not in header:
            problems.add(at, f"column '{name}' is missing; every printer needs one")
            right = False
    return right


def _row(header: list[str], values: list[str]) -> dict[str, str | list[str]]:
    row: dict[str, str | list[str]] = {}
    for name, value in zip(header, values, strict=True):
        if value and name in _LISTS:
            row[name] = [] if value == "none" else [item.strip() for item in value.split("+")]
        elif value:
            row[name] = value
    return row


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
