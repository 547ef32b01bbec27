"""Catalogue and inventory -> the port matrix, by way of the plan: exactly what the tests will ask. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.catalogue.model import Catalogue, FlowRow
from preflight.plan.build import build_plan
from preflight.ports.lines import is_drawn, lines_of
from preflight.ports.model import OUTSIDE, Access, Closed, Line, Matrix, Remark, Within
from preflight.topology.model import Machine, Manage, Topology
from preflight.values.case import Case
from preflight.values.spans import spans_of

_DEFAULT_PORTS = {"ssh": 22, "winrm": 5985, "winrm over HTTPS": 5986}
_AGAINST = {"elsewhere": "everywhere else", "workstation": "users' machines"}


def port_matrix(catalogue: Catalogue, topology: Topology) -> Matrix:
    """The matrix of a site. Raises InventoryError for `ports:` that cannot be; contacts nothing."""
    plan = build_plan(catalogue, topology)
    rows = {row.id: row for row in catalogue.flows}
    flows = [case for case in plan if case.row in rows]
    lines = lines_of(flows, rows, topology)
    product = catalogue.product
    return Matrix(
        customer=topology.customer,
        site=topology.site_name,
        lab=topology.lab,
        page=f"{product.product} {product.version}, revision {product.revision}",
        digests=(topology.digest, catalogue.digest),
        lines=tuple(line for line in lines if rows[line.row].pair.kind != "same_host"),
        closed=tuple(_closed(flows, rows)),
        within=tuple(_within(line for line in lines if rows[line.row].pair.kind == "same_host")),
        open_questions=tuple(_open_questions(flows, rows)),
        absent=tuple(_absent(flows, rows)),
        access=tuple(_access(topology)),
    )


def _closed(cases: list[Case], rows: dict[str, FlowRow]) -> list[Closed]:
    """Restricted cases, those alike as one."""
    allowed: dict[tuple[str, int], dict[str, None]] = {}
    for case in cases:
        if is_drawn(case):
            for port in case.ports:
                ends = [name for name in (case.source, case.stand_in if case.probes else None) if name]
                allowed.setdefault((case.destination or "", port), {}).update(dict.fromkeys(ends))
    found: dict[tuple[str, tuple[int, ...], tuple[str, ...]], tuple[Case, list[str]]] = {}
    for case in cases:
        if not case.restricted or case.destination is None:
            continue
        let_in = dict.fromkeys(name for port in case.ports for name in allowed.get((case.destination, port), {}))
        names = tuple("itself" if name == case.destination else name for name in let_in)
        key = (case.row, case.ports, names)
        found.setdefault(key, (case, []))[1].append(case.destination)
    closed = []
    for (_, _, names), (case, destinations) in found.items():
        row = rows[case.row]
        when = "" if row.restricted_when == "always" else "tested once the product is installed"
        closed.append(
            Closed(
                row=row.id,
                protocol=row.protocol,
                ports=spans_of(case.ports),
                destinations=tuple(destinations),
                allowed=names,
                against=_AGAINST[row.restricted_from or "elsewhere"],
                note=when,
            )
        )
    return closed


def _within(lines: Iterable[Line]) -> Iterable[Within]:
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line.row, line.ports_text), []).append(line)
    for (row, ports), of_row in sorted(found.items()):
        machines = tuple(machine.name for line in of_row for machine in line.source.machines)
        yield Within(row, of_row[0].why, of_row[0].protocol, ports, machines)


def _open_questions(cases: list[Case], rows: dict[str, FlowRow]) -> Iterable[Remark]:
    """What somebody has to say or decide before the paper is complete."""
    told: dict[tuple[str, str], None] = {}
    for case in cases:
        if case.restricted or case.not_applicable:
            continue
        numberless = not case.ports and rows[case.row].port_from is None
        if case.unasked and (numberless or case.source is None):
            told[case.row, case.unasked] = None
    for row, text in told:
        yield Remark(row, rows[row].purpose, text)


def _absent(cases: list[Case], rows: dict[str, FlowRow]) -> Iterable[Remark]:
    """Rows of which nothing applies to this site."""
    by_row: dict[str, list[Case]] = {}
    for case in cases:
        if not case.restricted:
            by_row.setdefault(case.row, []).append(case)
    for row, of_row in by_row.items():
        if all(case.not_applicable for case in of_row):
            yield Remark(row, rows[row].purpose, of_row[0].not_applicable or "")


def _access(topology: Topology) -> Iterable[Access]:
    """How the machine that runs the suite reaches the machines that it asks."""
    found: dict[tuple[str, int, str], list[Machine]] = {}
    for machine in topology.machines.values():
        manage = machine.manage
        if manage is None or manage.by in ("local", "lab"):
            continue
        word, port = _way_in(manage)
        found.setdefault((machine.network or OUTSIDE, port, word), []).append(machine)
    for (network, port, word), machines in found.items():
        yield Access(tuple(machines), network, "tcp", port, word)


def _way_in(manage: Manage) -> tuple[str, int]:
    word = "winrm over HTTPS" if manage.by == "winrm" and manage.https else manage.by
    port = manage.port or _DEFAULT_PORTS[word]
    shown = word.replace("winrm", "WinRM").replace("ssh", "SSH")
    return shown + (f", by way of {manage.jump}" if manage.jump else ""), port
