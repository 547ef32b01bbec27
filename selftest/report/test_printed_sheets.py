"""Workbooks on paper: A4 across, one page wide and still to be read, the head on every page."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

import pytest

from preflight.report.change.table import HEAD
from preflight.report.spreadsheet import Sheet, xlsx_bytes

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LONG = "the next run cannot show that they are let through, and a sentence may be long, too. " * 3
ADDRESSES = "10.10.1.11-10.10.1.12, 10.10.1.14"
# As wide as the change request of a real site: every column has something long in it.
WIDE = Sheet("Rules", HEAD, [(1, "partly", *[ADDRESSES, LONG] * 6, 12)], ("LAB",))
READABLE = 260  # characters of a line: A4 across holds 150 at full size, so this is printed at some 58 of 100


def parts(sheet: Sheet) -> tuple[ET.Element, ET.Element]:
    """The sheet and the workbook."""
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes([sheet]))) as book:
        return ET.fromstring(book.read("xl/worksheets/sheet1.xml")), ET.fromstring(book.read("xl/workbook.xml"))  # noqa: S314


def widths(sheet: Sheet) -> list[float]:
    page, _ = parts(sheet)
    return [
        float(column.get("width", "0"))
        for column in page.iter(f"{MAIN}col")
        for _ in range(int(column.get("min", "1")), int(column.get("max", "1")) + 1)
    ]


def test_one_page_wide_across_with_its_head_on_every_page() -> None:
    page, book = parts(WIDE)
    setup = page.find(f"{MAIN}pageSetup")
    assert setup is not None
    assert (setup.get("orientation"), setup.get("paperSize"), setup.get("fitToHeight")) == ("landscape", "9", "0")
    names = {name.get("name"): name.text for name in book.iter(f"{MAIN}definedName")}
    assert names["_xlnm.Print_Titles"] == "Rules!$2:$2"
    options = page.find(f"{MAIN}printOptions")
    assert options is not None
    assert options.get("gridLines") == "1"


def test_many_columns_are_narrow_enough_to_be_read_and_no_address_is_broken() -> None:
    found = widths(WIDE)
    assert len(found) == len(HEAD)
    assert sum(found) <= READABLE
    assert min(found[2::2][:6]) >= len("10.10.1.11-10.10.1.12")


def test_rows_and_heads_are_as_tall_as_their_lines() -> None:
    page, _ = parts(WIDE)
    heights = {row.get("r"): float(row.get("ht", "15")) for row in page.iter(f"{MAIN}row")}
    assert heights["2"] > 15, "a head of two words stands in a narrow column"
    assert heights["3"] > 15 * len(LONG) / max(widths(WIDE))


@pytest.mark.parametrize("sheet", [Sheet("A", ("what", ""), [("word", LONG)]), Sheet("A", ("b",), [])])
def test_few_columns_are_as_wide_as_on_a_screen(sheet: Sheet) -> None:
    assert max(widths(sheet)) <= 40
    assert len(widths(sheet)) == len(sheet.head)
