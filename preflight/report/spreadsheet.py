"""Tables as CSV and XLSX for people who open them in Excel: nothing in a cell is ever run, equal input, equal bytes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import TypeVar
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from preflight.run.clean import clean_text

Cell = str | int
Row = Sequence[Cell]
_T = TypeVar("_T")
CELL_LIMIT = 32_767  # characters, Excel's own
_FULL = CELL_LIMIT - 767  # of a CSV: room for the apostrophes
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # XLSX wants a date of creation; what has none says this one
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell
# What makes a spreadsheet calculate, also in its full-width form, behind blanks and quotes. Where the list separator is
# a semicolon, as in most of Europe, a file with commas is cut at semicolons within texts, so one begins a cell, too.
_FORMULA = re.compile("(^|;)(?=[\\s\"']*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
_WIDEST = 38  # columns of a sheet, in characters
# A sheet is printed one page of A4 wide, which holds some 150 characters of a usual font; more of them become smaller:
# 220 are printed at two thirds, 400 nobody reads. So the columns of a sheet that has many are narrower.
_PRINTED = 220
_WORD = 22  # characters that are never broken: an address stays in one line
_LINE, _TALLEST = 15, 405  # heights of rows, in points; Excel allows 409


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a name; `lead`: sentences above its head."""

    name: str
    head: tuple[str, ...]
    rows: Sequence[Row]
    lead: tuple[str, ...] = ()


def defused(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: an apostrophe stands before what would begin one."""
    if not text or (text[0].isalnum() and ";" not in text and len(text) < _FULL and text.isprintable()):
        return text  # most are: nothing to look for
    cleaned = _FORMULA.sub(r"\1'", clean_text(text, _FULL))
    return f"'{cleaned}" if text[0] in "\t\r" and not cleaned.startswith("'") else cleaned


def rows_of(value: _T, cells: Callable[[_T], Row], halves: Callable[[_T], Sequence[_T]]) -> list[Row]:
    """The row of a value; where a cell cannot hold its text, the rows of the value's halves, as often as need be.

    So no list of addresses is ever cut, which could make another address of the last one. `halves` gives nothing for
    what cannot be parted; then the cell is cut, and says so.
    """
    row = cells(value)
    if all(isinstance(cell, int) or len(cell) <= _FULL for cell in row):
        return [row]
    return [line for half in halves(value) for line in rows_of(half, cells, halves)] or [row]


def in_cells(parts: Iterable[str]) -> list[str]:
    """The parts as few texts that each fit into a cell, none of them cut; without parts one that is empty."""
    texts = [""]
    for part in parts:
        longer = f"{texts[-1]}, {part}" if texts[-1] else part
        texts[-1:] = [longer] if len(longer) <= _FULL or not texts[-1] else [texts[-1], part]
    return texts


def csv_bytes(sheet: Sheet) -> bytes:
    """UTF-8 with a byte order mark (or Excel takes it for the system's code page), lines ended by CR LF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for line in sheet.lead:
        writer.writerow([defused(line)])
    writer.writerow(sheet.head)
    writer.writerows([[cell if isinstance(cell, int) else defused(cell) for cell in row] for row in sheet.rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def xlsx_bytes(sheets: Iterable[Sheet], created: datetime = NO_DATE) -> bytes:
    """A workbook of the sheets, heads frozen and filtered; texts are written as texts, whatever they look like."""
    target = io.BytesIO()
    options = {
        "in_memory": True,  # no files of its own: their modes and ends of lines are the platform's
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(target, options) as book:
        book.set_properties({"created": created.replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bg_color": "#dddddd", "text_wrap": True, "valign": "top"})
        body = book.add_format({"text_wrap": True, "valign": "top", "align": "left"})
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.name), sheet, head, body)
    return _packed(target)


def _packed(book: io.BytesIO) -> bytes:
    """The same parts in the same order, and nothing of the platform; not packed, as each zlib packs in its own way."""
    target = io.BytesIO()
    with ZipFile(book) as parts, ZipFile(target, "w") as packed:
        for name in parts.namelist():
            part = ZipInfo(name, _ZIP_DATE)
            part.create_system = 3  # Unix, as the mode is
            part.external_attr = 0o644 << 16
            part.compress_type = ZIP_STORED
            packed.writestr(part, parts.read(name))
    return target.getvalue()


def _fill(page: Worksheet, sheet: Sheet, head: Format, body: Format) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&L&A&R&P / &N")
    page.hide_gridlines(0)  # printed, too
    widths = _widths(sheet)
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    top = len(sheet.lead)
    for number, line in enumerate(sheet.lead):
        page.write_string(number, 0, _text(line))
    page.set_row(top, _LINE * _lines(sheet.head, [width - 3 for width in widths]))  # beside the filter's arrow
    for column, word in enumerate(sheet.head):
        page.write_string(top, column, word, head)
    for number, row in enumerate(sheet.rows, top + 1):
        # Not every program finds the height of wrapped text by itself.
        page.set_row(number, min(_TALLEST, _LINE * _lines(row, widths)))
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                page.write_number(number, column, cell, body)
            else:
                page.write_string(number, column, _text(cell), body)
    page.freeze_panes(top + 1, 0)
    page.repeat_rows(top)
    page.autofilter(top, 0, top + max(1, len(sheet.rows)), len(sheet.head) - 1)


def _lines(row: Row, widths: Sequence[int]) -> int:
    """How many lines the tallest cell takes: words leave some room at the ends of lines."""
    return max(1, *(ceil(len(str(cell)) * 1.1 / width) for cell, width in zip(row, widths, strict=True)))


def _text(text: str) -> str:
    return clean_text(text, CELL_LIMIT)


def _widths(sheet: Sheet) -> list[int]:
    """As wide as the texts ask for, and all together no wider than can be read when it is printed."""
    longest = [0] * len(sheet.head)
    words = [max(map(len, word.split()), default=0) + 4 for word in sheet.head]
    for row in sheet.rows:
        for column, cell in enumerate(row):
            text = str(cell)
            longest[column] = max(longest[column], len(text))
            if longest[column] > words[column]:
                words[column] = max(words[column], min(_WORD, max(map(len, text.split()), default=0)) + 2)
    wished = [max(len(word) + 4, min(_WIDEST, long + 2)) for word, long in zip(sheet.head, longest, strict=True)]
    if sum(wished) <= _PRINTED:
        return wished
    widths = [min(wish, word) for wish, word in zip(wished, words, strict=True)]
    while sum(widths) < _PRINTED:  # one more character for the column that has the most lines
        column = max(range(len(widths)), key=lambda i: (longest[i] / widths[i] if widths[i] < wished[i] else 0, -i))
        widths[column] += 1
    return widths
