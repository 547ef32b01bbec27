"""A request for a fleet: no file cuts a list of addresses, whose last one could become another machine's."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from ipaddress import ip_address
from xml.etree import ElementTree as ET

import pytest
from generated import case, head

from preflight.report.change.markdown import request_markdown
from preflight.report.change.rules import change_request
from preflight.report.change.table import request_csv, request_xlsx
from preflight.report.spreadsheet import CELL_LIMIT
from preflight.run.build import build_run
from preflight.run.model import Run
from preflight.run.model_site import HostResult, NetworkResult
from preflight.values.outcome import Outcome, ShutPort, Verdict

ADDRESS = re.compile(r"[0-9A-Fa-f:.]*[.:][0-9A-Fa-f:.]+")
COLUMNS = ("from addresses", "to addresses")
Row = dict[str, str]


def fleet(number: int, *, inbound: bool, length: int = 4) -> Run:
    """Two servers, and so many printers none of which has a neighbour; `inbound`: the ways to them are shut, else from
    them. One printer more is not shut out, so that no rule may name the network."""
    addresses = [f"10.{2 + n // 100}.{n % 100}.{2 * (n % 100) + 1}" for n in range(number + 1)]
    if length == 6:
        addresses = [f"2001:db8:1000:2000:3000:4000:{n:x}:{2 * n + 1:x}" for n in range(1, number + 2)]
    hosts = [
        HostResult(name=n, roles=(r,), address=a, site="hq", network=net, managed_by=None)
        for n, r, a, net in (
            ("cml1", "cml", "10.1.1.11", "servers"),
            ("cml2", "cml", "10.1.1.13", "servers"),
            *((f"mfp{n}", "printer", address, "mfps") for n, address in enumerate(addresses)),
        )
    ]
    judged = []
    for n, address in enumerate(addresses[:-1]):
        for server, of_server in (("cml1", "10.1.1.11"), ("cml2", "10.1.1.13")):
            if inbound:
                one, shut = case("S04", server, f"mfp{n}"), ShutPort("tcp", 9100, address, ("network",))
            else:
                one = case("P05", f"mfp{n}", server, ports=(5012,))
                shut = ShutPort("tcp", 5012, of_server, ("network",))
            judged.append((one, Verdict(Outcome.FAILED, "shut", shut=(shut,))))
    cidrs = {"servers": "10.1.1.0/24", "mfps": "10.0.0.0/8" if length == 4 else "2001:db8::/32"}
    networks = [NetworkResult(name=name, cidr=cidr, site="hq", vantage=None) for name, cidr in cidrs.items()]
    return build_run(head(), judged, hosts=hosts, row_ids=["S04", "P05"], networks=networks)


def ways(rows: Iterable[Row]) -> dict[str, set[tuple[str, str]]]:
    """By rule every pair of addresses that its lines let through, each line read alone."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        ends = [row[column].split(", ") for column in COLUMNS]
        assert all(ip_address(text) for texts in ends for text in texts)
        found[row["rule"]] |= {(one, other) for one in ends[0] for other in ends[1]}
    return found


def sheet_rows(xlsx: bytes) -> list[Row]:
    """The sheet of rules."""
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(xlsx)) as book:
        shared = [
            "".join(e.itertext())
            for e in ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - ours
        ]
        lines = ET.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{name}row")  # noqa: S314 - ours
        rows = [[_text(cell.findtext(f"{name}v", ""), cell.get("t"), shared) for cell in line] for line in lines]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def _text(value: str, kind: str | None, shared: list[str]) -> str:
    return shared[int(value)] if kind == "s" else value


@pytest.mark.slow
@pytest.mark.parametrize("inbound", [True, False])
@pytest.mark.parametrize("number", [40, 300, 2500])
def test_every_address_of_every_rule_stands_whole_in_each_file(number: int, inbound: bool) -> None:
    run = fleet(number, inbound=inbound)
    rules = change_request(run).rules
    expected = {
        str(rule.number): {
            (s.address, d.address) for a in rule.sources for s in a.ends for b in rule.destinations for d in b.ends
        }
        for rule in rules
    }
    assert sorted(map(len, expected.values())) == [2 * number]
    text = request_csv(run).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (len(rows) > len(rules)) is (number == 2500)
    assert ways(rows) == expected
    assert ways(sheet_rows(request_xlsx(run))) == expected
    assert max(len(cell) for row in rows for cell in row.values()) <= CELL_LIMIT
    assert "[cut" not in text

    page = request_markdown(run).decode()
    assert len(page) < 65_536
    for line in page.splitlines():
        if match := re.match(r"\| (\d+) \|", line):
            cells = line.split(" | ")[1:3]
            for cell, ends in zip(cells, zip(*expected[match[1]], strict=True), strict=True):
                found = {text for text in re.findall("`([^`]*)`", cell) if ADDRESS.fullmatch(text)}
                referred = f"in change-request.csv, rule {match[1]}" in cell
                assert found == (set() if referred else set(ends))
                assert referred is (len(set(ends)) > 60)


@pytest.mark.slow
def test_a_fleet_of_the_longest_addresses_goes_over_as_many_lines_as_it_takes() -> None:
    run = fleet(3000, inbound=False, length=6)
    expected = {(h.address, f"10.1.1.{n}") for h in run.hosts if h.network == "mfps" for n in (11, 13)}
    last = run.hosts[-1].address
    rows = list(csv.DictReader(io.StringIO(request_csv(run).decode("utf-8-sig"))))
    assert ways(rows) == {"1": {pair for pair in expected if pair[0] != last}}
    assert len(rows) >= 4
