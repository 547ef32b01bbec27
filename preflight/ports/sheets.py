"""The port matrix as sheets: ports.csv is the first of them, ports.xlsx all."""

from __future__ import annotations

from dataclasses import astuple, replace

from preflight.ports.hosts import by_host
from preflight.ports.model import Line, Matrix, Remark, Side, halves, pairs, some
from preflight.report.spreadsheet import Row, Sheet, csv_bytes, in_cells, rows_of, xlsx_bytes
from preflight.topology.model import Machine
from preflight.values.spans import ports_text

HEAD = (
    "zone",
    "from network",
    "from",
    "from addresses",
    "to network",
    "to",
    "to addresses",
    "protocol",
    "ports",
    "level",
    "row",
    "why",
    "network firewall",
    "own firewall, inbound on",
    "own firewall, outbound on",
    "tests ask from",
    "flows",
    "note",
)
LAB = "LAB: this site does not exist. Give this to nobody."


def ports_csv(matrix: Matrix) -> bytes:
    """What must be opened, a line of the matrix a line, or several where its addresses fill more than a cell."""
    return csv_bytes(_to_open(matrix))


def ports_xlsx(matrix: Matrix) -> bytes:
    """The whole matrix, a sheet a table."""
    lab = (LAB,) if matrix.lab is not None else ()
    return xlsx_bytes(
        [
            _to_open(matrix),
            Sheet(
                "By host",
                ("host", "address", "direction", "protocol", "ports", "other end", "rows"),
                [astuple(line) for line in by_host(matrix)],
                lab,
            ),
            Sheet(
                "Must stay shut",
                ("row", "protocol", "ports", "on", "not to be reached from", "who may", "note"),
                [
                    (
                        closed.row,
                        closed.protocol.upper(),
                        ports_text(closed.ports),
                        destinations,
                        closed.against,
                        some(closed.allowed) or "nobody",
                        closed.note,
                    )
                    for closed in matrix.closed
                    for destinations in in_cells(closed.destinations)
                ],
                lab,
            ),
            Sheet("To be settled", ("row", "what for", "what is open"), _remarks(matrix.open_questions), lab),
            Sheet(
                "Inside a machine",
                ("row", "protocol", "ports", "on", "why"),
                [
                    (w.row, w.protocol.upper(), w.ports_text, machines, w.why)
                    for w in matrix.within
                    for machines in in_cells(w.machines)
                ],
                ("A machine to itself: nothing to open.", *lab),
            ),
            Sheet(
                "For the tests",
                ("to network", "machines", "protocol", "port", "what"),
                [
                    (a.network, machines, a.protocol.upper(), a.port, a.what)
                    for a in matrix.access
                    for machines in in_cells(_managed(a.machines))
                ],
                ("From the machine that runs the suite, for the time of the tests.", *lab),
            ),
            Sheet("Does not apply", ("row", "what for", "why not"), _remarks(matrix.absent), lab),
            Sheet("About", ("what", ""), about(matrix)),
        ]
    )


def about(matrix: Matrix) -> list[tuple[str, str]]:
    """What it was made from."""
    return [
        ("Customer", matrix.customer),
        ("Site", matrix.site),
        ("Page", matrix.page),
        ("Made from", "inventory and catalogue alone: nothing was tested, no machine was contacted"),
        ("Inventory, SHA-256", matrix.digests[0]),
        ("Catalogue, SHA-256", matrix.digests[1]),
    ]


def _to_open(matrix: Matrix) -> Sheet:
    lab = (LAB,) if matrix.lab is not None else ()
    rows = [row for line in matrix.lines for row in rows_of(line, _cells, _halves)]
    return Sheet("To open", HEAD, rows, lab)


def _cells(line: Line) -> Row:
    return (
        line.zone.title,
        line.source.place,
        line.source.text,
        ", ".join(line.source.addresses),
        line.destination.place,
        line.destination.text,
        ", ".join(line.destination.addresses),
        line.protocol.upper(),
        line.ports_text,
        line.level,
        line.row,
        line.why,
        {True: "yes", False: "no, one network", None: "not known"}[line.zone.crosses],
        "the devices" if line.destination.devices else _names(line.destination),
        "" if line.source.devices else _names(line.source),
        ", ".join(line.asked_from),
        line.flows,
        "; ".join(line.notes),
    )


def _halves(line: Line) -> list[Line]:
    """The line as two, by the end that takes more room: together they open what it does."""
    sources, destinations = halves(line.source), halves(line.destination)
    longer = len(line.source.text) >= len(line.destination.text)
    if sources and (longer or not destinations):
        parts = [(half, line.destination) for half in sources]
    else:
        parts = [(line.source, half) for half in destinations]
    return [replace(line, source=source, destination=to, flows=pairs(source, to)) for source, to in parts]


def _names(side: Side) -> str:
    return ", ".join(machine.name for machine in side.machines)


def _managed(machines: tuple[Machine, ...]) -> list[str]:
    return [f"{m.name} ({m.manage.address})" for m in machines if m.manage is not None]


def _remarks(remarks: tuple[Remark, ...]) -> list[tuple[str, str, str]]:
    return [(r.row, r.what, r.text) for r in remarks]
