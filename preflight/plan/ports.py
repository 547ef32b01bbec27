"""Which ports a row asks at this site: the page's, what the inventory chose, or a sample of a configured range."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from preflight.catalogue.model import Catalogue, FlowRow
from preflight.errors import InventoryError
from preflight.topology.model import Topology

SAMPLE = 8  # ports asked out of a range that a site gives: both ends and evenly between
SMALL_RANGE = 16  # a range of so few ports is asked whole


@dataclass(frozen=True, slots=True)
class PortChoice:
    """The ports to ask, how they were written, which of a slash row are used; `missing` says what the site must say."""

    ports: tuple[int, ...]
    notation: str
    chosen: tuple[int, ...] = ()
    missing: str | None = None
    note: str = ""
    spans: tuple[tuple[int, int], ...] = ()  # the whole range, where `ports` is a sample of it
    said: bool = False  # the inventory says which ports are used: nobody has to be asked to write it


def choose_ports(row: FlowRow, topology: Topology) -> PortChoice:
    """Ports of one row. The inventory's settings have been checked by `check_port_settings`."""
    spans = topology.ports.get(row.id)
    if row.port_from is not None:
        return PortChoice((), row.notation)
    if row.notation == "slash":
        assert isinstance(row.ports, tuple)  # the loader holds this
        return PortChoice(row.ports, "slash", chosen=_spread(spans) if spans else (), said=bool(spans))
    if row.sample_of is not None:
        return _sampled(row, topology, spans)
    if spans:
        return _of_spans(spans, row.notation, f"set in the inventory: ports.{row.id}")
    if isinstance(row.ports, tuple):
        return PortChoice(row.ports, row.notation)
    return PortChoice(
        (), row.notation, missing=f"the page gives no number: write it into the inventory as ports.{row.id}"
    )


def other_mode(row: FlowRow, topology: Topology) -> str | None:
    """Why a row of FTP data connections is not for this site: its devices use the other mode. None when it is."""
    ftp = topology.features.scan.get("ftp")
    if row.sample_of is None or ftp is None or ftp.mode in (None, "both"):
        return None
    wanted = row.sample_of.removesuffix("_ports")
    return None if ftp.mode == wanted else f"features.scan.ftp.mode is {ftp.mode}; the row is for {wanted} FTP"


def check_port_settings(catalogue: Catalogue, topology: Topology) -> None:
    """Hold the inventory's `ports:` against the catalogue. Raises InventoryError with file and line."""
    problems = []
    flows = {row.id: row for row in catalogue.flows}
    for row_id, spans in topology.ports.items():
        where = f"{topology.file}:{topology.lines.get(f'ports.{row_id}', 0)}: ports.{row_id}"
        row = flows.get(row_id)
        if row is None:
            near = difflib.get_close_matches(row_id, flows, 1)
            problems.append(f"{where}: no such port row" + (f"; did you mean {near[0]}?" if near else ""))
        elif row.notation == "slash" and isinstance(row.ports, tuple):
            strange = sorted(set(_spread(spans)) - set(row.ports))
            if strange:
                given = "/".join(map(str, row.ports))
                problems.append(f"{where}: {strange[0]} is not one of the row's ports; choose of {given}")
        elif not row.configurable and row.sample_of is None and row.notation not in ("configurable", "dynamic"):
            problems.append(f"{where}: the page fixes the port of this row; remove the line")
        elif row.port_from is not None:
            problems.append(f"{where}: the port is what the SQL browser answers ({row.port_from}); remove the line")
    if problems:
        raise InventoryError("\n".join(problems))


def _sampled(row: FlowRow, topology: Topology, spans: tuple[tuple[int, int], ...] | None) -> PortChoice:
    if not spans:
        ftp = topology.features.scan.get("ftp")
        span = getattr(ftp, row.sample_of or "", None)
        if span is None:
            key = f"features.scan.ftp.{row.sample_of}"
            return PortChoice((), row.notation, missing=f"no range is known: write it into the inventory as {key}")
        spans = (span,)
    return _of_spans(spans, "sample", "configured range " + ", ".join(f"{a}-{b}" for a, b in spans))


def _of_spans(spans: tuple[tuple[int, int], ...], notation: str, note: str) -> PortChoice:
    ports = _spread(spans)
    if len(ports) <= SMALL_RANGE:
        return PortChoice(ports, notation if notation != "one" or len(ports) == 1 else "comma", note=note, said=True)
    step = (len(ports) - 1) / (SAMPLE - 1)
    sample = tuple(ports[round(i * step)] for i in range(SAMPLE))
    return PortChoice(sample, "sample", note=f"{note}; {SAMPLE} of {len(ports)} ports asked", spans=spans, said=True)


def _spread(spans: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    return tuple(sorted({port for first, last in spans for port in range(first, last + 1)}))
