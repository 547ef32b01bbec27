"""ports.html: the matrix on paper, A4 across, by zone; one file that needs no network and no script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from preflight.ports.hosts import by_host
from preflight.ports.model import Line, Matrix, some
from preflight.ports.sheets import LAB, about
from preflight.ports.style import STYLE
from preflight.report.cells import safe
from preflight.values.spans import ports_text

READING = (
    "Each line lets the machines on the left open connections to those on the right; answers come back by themselves "
    "through any firewall that keeps state. Nothing is asked for in the other direction unless a line says so.",
    "Lines are sorted by zone. Between two networks they concern the network firewall there, and the hosts' own "
    "firewalls at both ends; inside one network the hosts' own firewalls only.",
    "In the hosts' own firewalls, open ports and not programs: before the product is installed the tests listen with a "
    "program of their own for some seconds.",
    "Devices and users' machines are told by network with their number. Where a machine that stands in for them is "
    "named, the tests ask from it: let it through as well.",
    "Mandatory: the vendor's page asks for it whenever the machines are there. Optional: needed because this site uses "
    "the feature. Recommended: not needed to work.",
)


def ports_html(matrix: Matrix) -> bytes:
    """The page. Equal matrices give equal bytes."""
    whose = f"Ports to open: {matrix.customer}, {matrix.site}"
    lab = f'<p class="lab">{safe(LAB)}</p>' if matrix.lab is not None else ""
    zones = matrix.zones
    body = [
        f"<h1>{safe(whose)}</h1>",
        lab,
        _pairs(about(matrix)),
        "<h2>How to read this</h2>",
        "<ul>" + "".join(f"<li>{safe(text)}</li>" for text in READING) + "</ul>",
        "<h2>Zones</h2>",
        _table(
            ("zone", "network firewall", "lines", "flows"),
            [
                (f'<a href="#z{place}">{safe(zone.title)}</a>', safe(zone.firewall), _n(len(lines)), _n(_flows(lines)))
                for place, (zone, lines) in enumerate(zones.items(), 1)
            ],
        ),
    ]
    if not zones:
        body.append("<p>Nothing has to be opened.</p>")
    for place, (zone, lines) in enumerate(zones.items(), 1):
        title = zone.title[0].upper() + zone.title[1:] if zone.crosses is False else f"From {zone.title}"
        heading = f"{place}. {title}"
        body.append(f'<section><h2 id="z{place}">{safe(heading)}</h2>')
        body.append(f"<p>Network firewall: {safe(zone.firewall)}.</p>")
        body.append(_table(("row", "from", "to", "protocol", "ports", "level", "why"), map(_line, lines)))
        body.append("</section>")
    body += _rest(matrix)
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{safe(whose)}</title><style>{STYLE}</style>"
    )
    text = f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(filter(None, body))
    return f"{text}\n</body></html>\n".encode()


def _line(line: Line) -> tuple[str, ...]:
    notes = [f"tests ask from {some(line.asked_from)}"] if line.asked_from else []
    return (
        safe(line.row),
        _whole(line.source.text),
        _whole(line.destination.text),
        line.protocol.upper(),
        _whole(line.ports_text),
        f'<span class="level {line.level}">{line.level}</span>',
        safe(line.why) + "".join(f"<small>{safe(note)}</small>" for note in [*notes, *line.notes]),
    )


def _whole(text: str) -> str:
    """A list of the inventory's own words: cut, its last address could become another one."""
    return safe(text, limit=len(text))


def _rest(matrix: Matrix) -> list[str]:
    tables: list[tuple[str, str, tuple[str, ...], list[tuple[str, ...]]]] = [
        (
            "To be settled",
            "Somebody has to say this before the paper is complete; the lines above hold what is known.",
            ("row", "what for", "what is open"),
            [(safe(r.row), safe(r.what), safe(r.text)) for r in matrix.open_questions],
        ),
        (
            "Must stay shut",
            "Nobody but the machines named may reach these ports; the tests ask from a place that no row allows.",
            ("row", "protocol", "ports", "on", "not from", "but from", "note"),
            [
                (
                    safe(c.row),
                    c.protocol.upper(),
                    safe(ports_text(c.ports)),
                    safe(some(c.destinations)),
                    safe(c.against),
                    safe(some(c.allowed) or "nobody"),
                    safe(c.note),
                )
                for c in matrix.closed
            ],
        ),
        (
            "By machine: its own firewall",
            "The same lines as each machine's own firewall has to let them in and out. Devices have an access list of "
            "their own, if any.",
            ("machine", "direction", "protocol", "ports", "other end", "rows"),
            [
                (
                    safe(f"{h.host} ({h.address})"),
                    h.direction,
                    h.protocol,
                    _whole(h.ports),
                    _whole(h.other),
                    safe(h.rows),
                )
                for h in by_host(matrix)
            ],
        ),
        (
            "For the tests themselves",
            "From the machine that runs the suite, for the time of the tests.",
            ("to network", "machines", "protocol", "port", "what"),
            [
                (
                    safe(a.network),
                    safe(some([f"{m.name} ({m.manage.address})" for m in a.machines if m.manage is not None])),
                    a.protocol.upper(),
                    str(a.port),
                    safe(a.what),
                )
                for a in matrix.access
            ],
        ),
        (
            "Inside a machine",
            "A machine to itself: nothing to open, told so that no row is missing.",
            ("row", "on", "protocol", "ports", "why"),
            [
                (
                    safe(w.row),
                    safe(some(w.machines)),
                    w.protocol.upper(),
                    safe(w.ports_text),
                    safe(w.why),
                )
                for w in matrix.within
            ],
        ),
        (
            "Does not apply here",
            "Rows of the page that ask for nothing at this site, and why.",
            ("row", "what for", "why not"),
            [(safe(r.row), safe(r.what), safe(r.text)) for r in matrix.absent],
        ),
    ]
    return [
        f"<section><h2>{safe(name)}</h2><p>{safe(text)}</p>{_table(head, rows)}</section>"
        for name, text, head, rows in tables
        if rows
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already."""
    heads = "".join(f'<th scope="col">{word}</th>' for word in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>\n{lines}</tbody></table></div>'


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{safe(word)}</dt><dd>{safe(text)}</dd>" for word, text in pairs) + "</dl>"


def _flows(lines: Iterable[Line]) -> int:
    return sum(line.flows for line in lines)


def _n(number: int) -> str:
    return f"{number:,}"
