"""The change request as Markdown, for a ticket: read on a page or as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from preflight.report.change.places import Place
from preflight.report.change.rules import ChangeRequest, Rule, change_request
from preflight.report.change.table import NOTHING, about_lines, firewall_text, not_in_it
from preflight.report.text import clean_text, fit
from preflight.run.model import Run
from preflight.values.spans import ports_text

# What would begin a link, an image, HTML, code, emphasis, a mention or a cell.
_MARKUP = re.compile(r"([\\`*_\[\]<|~&#@])")
_LINK = re.compile(r"(?i)(:)(?=//)|(?<=www)(\.)")
_LEFT_OUT_SHOWN = 20


def literal(text: object) -> str:
    """The text so that Markdown shows it as it is, in a cell or a line."""
    escaped = _MARKUP.sub(r"\\\1", clean_text(str(text)))
    return _LINK.sub(lambda match: f"\\{match.group()}", escaped)


def request_markdown(run: Run) -> bytes:
    """change-request.md."""
    request = change_request(run)
    lines = [f"# Firewall change request: {literal(run.customer)}, {literal(run.site)}", ""]
    if run.lab is not None:
        lines += ["**LAB RUN: a simulated site. Nothing here is real; give this to nobody.**", ""]
    lines += [f"- {literal(word)}: {literal(text)}" for word, text in about_lines(run, request)]
    if request.rules:
        lines += ["", "## Rules", "", *_table(request.rules), ""]
        lines += [line for rule in request.rules for line in _details(rule)]
    if not request.rules:
        lines += ["", NOTHING]
    lines += _left_out(request)
    return ("\n".join(lines) + "\n").encode("utf-8")


def _table(rules: Iterable[Rule]) -> list[str]:
    head = ("rule", "from", "to", "protocol", "ports", "mandatory")
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for rule in rules:
        cells = (
            str(rule.number),
            _places(rule.sources),
            _places(rule.destinations),
            rule.protocol.upper(),
            ports_text(rule.ports),
            rule.mandatory,
        )
        lines.append(f"| {' | '.join(literal(cell) for cell in cells)} |")
    return lines


def _details(rule: Rule) -> list[str]:
    told = [
        (row, f"{level}, {rule.protocol.upper()} {ports_text(ports)}: {purpose}")
        for row, level, ports, purpose in rule.parts
    ]
    told.append(("whose firewall", firewall_text(rule)))
    told += [("note", note) for note in rule.notes]
    return [f"- Rule {rule.number}", *(f"  - {literal(word)}: {literal(text)}" for word, text in told)]


def _places(places: tuple[Place, ...]) -> str:
    return "; ".join(f"{place.text} in {place.network}" if not place.whole else place.text for place in places)


def _left_out(request: ChangeRequest) -> list[str]:
    if not request.left_out:
        return []
    by_reason: dict[tuple[str, str], list[str]] = {}
    for case in request.left_out:
        by_reason.setdefault((case.row, fit(case.reason, 160)), []).append(case.id)
    lines = ["", "## Failed, and not in this request", "", literal(not_in_it(request)), ""]
    for (row, reason), ids in list(by_reason.items())[:_LEFT_OUT_SHOWN]:
        others = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        lines.append(f"- {literal(row)}: {literal(reason)} ({literal(ids[0])}{others})")
    if len(by_reason) > _LEFT_OUT_SHOWN:
        lines.append(f"- and {len(by_reason) - _LEFT_OUT_SHOWN} more kinds: see run.json")
    return lines
