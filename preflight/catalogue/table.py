"""A catalogue as a Markdown table, one line a row of the page.

`python -m preflight.catalogue.table docs/rows.md` puts it between the markers of that page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from preflight.catalogue.loader import load_catalogue
from preflight.catalogue.model import Catalogue, CheckRow, Condition, FlowRow

BEGIN = "<!-- begin of the table: python -m preflight.catalogue.table docs/rows.md -->"
END = "<!-- end of the table -->"
HEAD = ("id", "ports", "from > to", "applies", "served by", "how verified")
_JOINERS = {"slash": "/", "comma": ", ", "one": ""}


def render_table(catalogue: Catalogue) -> str:
    """The table of all rows, ended by a line break."""
    lines = [HEAD, tuple("---" for _ in HEAD)]
    for row in catalogue.rows:
        lines.append(_flow_cells(row) if isinstance(row, FlowRow) else _check_cells(row))
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def renewed(page: str, catalogue: Catalogue) -> str:
    """The page with the table between its markers made anew; ValueError when a marker is missing."""
    before, _ = page.split(BEGIN, 1)
    _, after = page.split(END, 1)
    return f"{before}{BEGIN}\n\n{render_table(catalogue)}\n{END}{after}"


def _check_cells(row: CheckRow) -> tuple[str, ...]:
    facts = f": {', '.join(row.facts)}" if row.facts else ""
    how = f"checklist, facts of each {_words(row.asked_of)}{facts}" if row.asked_of else "checklist, not asked"
    how += f"; the site says: {row.site_says}" if row.site_says else ""
    return row.id, "", row.needs, _conditions(row.applies), "", how


def _flow_cells(row: FlowRow) -> tuple[str, ...]:
    ends = f"{_words(row.pair.source)} > {_words(row.pair.to)} ({row.pair.kind.replace('_', ' ')})"
    return row.id, f"{row.protocol} {_ports(row)}", ends, _conditions(row.applies), _server(row), _how(row)


def _server(row: FlowRow) -> str:
    if row.existing_unless_on:
        return f"{row.served_by}; existing unless on {_words(row.existing_unless_on)}"
    if row.scan_server and row.served_by == "product":
        return f"{row.served_by}; existing where the site names scan.{row.scan_server}.server"
    return row.served_by


def _ports(row: FlowRow) -> str:
    if isinstance(row.ports, str):
        return row.ports
    if row.notation == "range":
        return f"{row.ports[0]}-{row.ports[-1]}"
    return _JOINERS[row.notation].join(map(str, row.ports))


def _conditions(conditions: tuple[Condition, ...]) -> str:
    return " and ".join(_condition(c) for c in conditions)


def _condition(condition: Condition) -> str:
    for inner, joiner in ((condition.any_, " or "), (condition.all_, " and ")):
        if inner:
            return f"({joiner.join(_condition(c) for c in inner)})"
    if condition.said:
        return f"checklist.{condition.said} is said"
    if condition.feature:
        return condition.feature + (f" is {_words(condition.is_)}" if condition.is_ else "")
    for name, sign in (("group_min", "of at least"), ("group_max", "of at most")):
        if (size := getattr(condition, name)) is not None:
            return f"group {sign} {size}"
    for name in ("terminal", "vendor", "hardware", "delivery", "scan"):
        if words := getattr(condition, name):
            return f"{name} {_words(words)}"
    return ""


def _how(row: FlowRow) -> str:
    """The strongest evidence that a row can get, before and after installation."""
    if row.pair.kind == "multicast":
        how = "not asked in this version"
    elif row.pair.kind == "broadcast":
        how = "broadcast heard by the network's vantage host"
    elif row.speak:
        how = f"{row.speak.upper()} answer" + ("" if row.served_by != "product" else "; before: nonce heard")
    elif row.served_by == "product":
        how = "before: nonce heard; after: own TCP table"
    else:
        how = "accepted"
    if row.pair.kind == "same_host":
        how += ", over loopback"
    if row.port_from:
        how += f", on the port that {row.port_from} learnt"
    if row.sample_of:
        how += ", a sample of the site's range"
    if row.fallback_port:
        how += f", on {row.fallback_port} where the port is taken"
    if row.restricted_from:
        place = "a workstation" if row.restricted_from == "workstation" else "elsewhere"
        how += f"; reachable from {place} ({row.restricted_when}): advisory"
    return how


def _words(words: Iterable[object]) -> str:
    return ", ".join(map(str, words))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(renewed(target.read_text(encoding="utf-8"), load_catalogue()), encoding="utf-8", newline="\n")
