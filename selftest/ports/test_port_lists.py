"""The port matrix of a site with very many servers: no file cuts a list, whose last address could become another's."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from change_sites import shipped

from preflight.ports.matrix import port_matrix
from preflight.ports.model import Line, Matrix
from preflight.ports.page import ports_html
from preflight.ports.sheets import ports_csv, ports_xlsx
from preflight.report.spreadsheet import CELL_LIMIT, in_cells
from preflight.topology.loader import load_inventory

Way = tuple[str, str, str]  # row, source address, destination address


@pytest.fixture(scope="module")
def many_servers(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Matrix]:
    """Sites of `_many_servers`, each made once."""
    return cache(lambda number: _many_servers(number, tmp_path_factory.mktemp("site")))


def _many_servers(number: int, folder: Path) -> Matrix:
    """Two central servers and so many spoolers, none of which has a neighbour."""
    hosts = {
        f"ors-server-number-{n}": {"address": f"10.1.{n // 100}.{2 * (n % 100) + 1}", "roles": ["ors"]}
        for n in range(number)
    }
    site = {
        "customer": "Example",
        "site": "Example",
        "manage": {"by": "ssh", "user": "root"},
        "features": {"ors": True, "cluster": True},
        "networks": {"servers": {"cidr": "10.1.0.0/16"}, "centre": {"cidr": "10.2.0.0/16"}},
        "hosts": hosts | {f"cml{n}": {"address": f"10.2.0.{n}", "roles": ["cml"]} for n in (1, 3)},
    }
    file = folder / "inventory.yaml"
    file.write_text(json.dumps(site), "utf-8")
    return port_matrix(shipped(), load_inventory(file))


def lines_across(matrix: Matrix) -> list[Line]:
    """Lines between the two networks."""
    return [line for line in matrix.lines if line.zone.crosses]


@pytest.mark.parametrize("number", [200, pytest.param(1800, marks=pytest.mark.slow)])
def test_every_address_stands_whole(number: int, many_servers: Callable[[int], Matrix]) -> None:
    matrix = many_servers(number)
    lines = lines_across(matrix)
    expected = {
        (line.row, one.address, other.address)
        for line in lines
        for one in line.source.machines
        for other in line.destination.machines
    }
    text = ports_csv(matrix).decode("utf-8-sig")
    found: set[Way] = set()
    flows: dict[str, int] = defaultdict(int)
    for row in csv.DictReader(io.StringIO(text)):
        assert max(map(len, row.values())) <= CELL_LIMIT
        if row["network firewall"] == "yes":
            ends = [row[column].split(", ") for column in ("from addresses", "to addresses")]
            found |= {(row["row"], s, d) for s in ends[0] for d in ends[1]}
            flows[row["row"]] += int(row["flows"])
    assert found == expected
    assert flows == {row: sum(line.flows for line in lines if line.row == row) for row in flows}
    assert "[cut" not in text

    page = ports_html(matrix).decode()
    assert "[cut" not in page
    told = {unescape(cell) for cell in re.findall("<td>([^<]*)</td>", page)}
    assert {end.text for line in lines for end in (line.source, line.destination)} <= told
    assert len(page) < 40_000 + 2_000 * number, "a thousand machines do not tell a thousand addresses each"


@pytest.mark.slow
def test_no_sheet_of_the_workbook_cuts(many_servers: Callable[[int], Matrix]) -> None:
    xlsx = ports_xlsx(many_servers(1800))
    assert b"[cut" not in xlsx  # not packed, so that its text can be read
    assert b"ors-server-number-1799" in xlsx


def test_parts_of_a_list_in_cells() -> None:
    parts = [f"name-of-a-machine-{n}" for n in range(4000)]
    texts = in_cells(parts)
    assert len(texts) > 1
    assert max(map(len, texts)) <= CELL_LIMIT
    assert [part for text in texts for part in text.split(", ")] == parts
    assert in_cells([]) == [""]
