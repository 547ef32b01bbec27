"""`preflight ports`: the paper for network people, before any test."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from preflight.report.console import show
from preflight.values.counted import counted

HELP = "what must be opened from where to where, from the inventory alone: ports.html, ports.csv, ports.xlsx"
ROOT = Path(__file__).absolute().parents[2]
CANNOT_WRITE = 3


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--inventory", metavar="FILE", help="the site (default: inventory.yaml of the clone)")
    parser.add_argument("--catalogue", metavar="FOLDER", help="another product's rows")
    parser.add_argument("--out", metavar="FOLDER", help="where the files go (default: reports/ports by the inventory)")
    parser.epilog = "Contacts no machine. The files are made anew each time, and are the same for the same input."


def run(options: argparse.Namespace, rest: Sequence[str]) -> int:  # noqa: ARG001
    """Write the three files. InputError for an inventory or a catalogue that is wrong."""
    from preflight.catalogue.loader import load_catalogue
    from preflight.ports.matrix import port_matrix
    from preflight.ports.page import ports_html
    from preflight.ports.sheets import ports_csv, ports_xlsx
    from preflight.report.text import Line, clean_text
    from preflight.run.files import write_atomically
    from preflight.topology.loader import load_inventory

    inventory = Path(options.inventory).expanduser() if options.inventory else ROOT / "inventory.yaml"
    catalogue = load_catalogue(Path(options.catalogue).expanduser() if options.catalogue else None)
    matrix = port_matrix(catalogue, load_inventory(inventory.resolve()))
    folder = Path(options.out).expanduser() if options.out else inventory.resolve().parent / "reports" / "ports"
    made = {"ports.html": ports_html(matrix), "ports.csv": ports_csv(matrix), "ports.xlsx": ports_xlsx(matrix)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            write_atomically(folder / name, content)
    except OSError as error:
        print(
            f"preflight ports: {clean_text(str(folder))} cannot be written: {error.strerror or error}", file=sys.stderr
        )
        return CANNOT_WRITE
    lines, zones = counted(len(matrix.lines), "line"), counted(len(matrix.zones), "zone")
    told = [f"{matrix.site}: {lines} to open in {zones}, {len(matrix.closed)} to keep shut"]
    told += [f"to be settled: {remark.row}, {remark.what}: {remark.text}" for remark in matrix.open_questions]
    show(Line(text) for text in (*told, *(str(folder / name) for name in made)))
    return 0
