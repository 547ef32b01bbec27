"""The change request as Markdown, for a ticket: read on a page or as plain text."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.report.change.places import Place
from preflight.report.change.rules import ChangeRequest, Rule, change_request
from preflight.report.change.table import about_lines, not_in_it, nothing
from preflight.report.change.waived import waived_of, waived_sentence
from preflight.report.markdown import code
from preflight.run.model import Run
from preflight.values.counted import counted
from preflight.values.spans import ports_text

_LEFT_OUT_SHOWN = 20
_LISTED = 60  # addresses of one place; a ticket takes 65,536 characters, a fleet would fill it
_LONG = 2000
# The lines of the head that are our own words; all else comes from a run and stands in code spans.
_OURS = frozenset({"Rules", "What is in it", "Not in it", "Waived", "Not known", "Afterwards"})


def request_markdown(run: Run) -> bytes:
    """change-request.md."""
    request = change_request(run)
    lines = [f"# Firewall change request: {code(run.customer)}, {code(run.site)}", ""]
    if run.lab is not None:
        lines += ["**LAB RUN: a simulated site. Nothing here is real; give this to nobody.**", ""]
    lines += [f"- {word}: {text if word in _OURS else code(text, _LONG)}" for word, text in about_lines(run, request)]
    if request.rules:
        lines += ["", "## Rules", "", *_table(request.rules), ""]
        lines += [line for rule in request.rules for line in _details(rule)]
    if not request.rules:
        lines += ["", nothing(request)]
    lines += _left_out(request)
    lines += _waived(run, request)
    return ("\n".join(lines) + "\n").encode("utf-8")


def _table(rules: Iterable[Rule]) -> list[str]:
    head = ("rule", "from", "to", "protocol", "ports", "mandatory")
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for rule in rules:
        cells = (
            str(rule.number),
            _places(rule.sources, rule.number),
            _places(rule.destinations, rule.number),
            rule.protocol.upper(),
            ports_text(rule.ports),
            rule.mandatory,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _details(rule: Rule) -> list[str]:
    told = [
        (code(row), f"{level}, {rule.protocol.upper()} {ports_text(ports)}: {code(purpose)}")
        for row, level, ports, purpose in rule.parts
    ]
    told += [("whose firewall", code(text, _LONG)) for text in rule.firewalls]
    told += [("note", code(note, _LONG)) for note in rule.notes]
    return [f"- Rule {rule.number}", *(f"  - {word}: {text}" for word, text in told)]


def _places(places: tuple[Place, ...], rule: int) -> str:
    return "; ".join(_place(place, rule) for place in places)


def _place(place: Place, rule: int) -> str:
    """As `Place.text`, each name and each address in a span of its own: no list is cut, where one may end in another's
    address."""
    number, network = len(place.ends), code(place.network)
    if place.whole:
        return f"network {network} ({code(place.cidr)}): {counted(number, 'machine')} of the inventory"
    if number <= 12:
        ends = (f"{code(end.name)} ({code(end.address or 'address not known')})" for end in place.ends)
        return f"{', '.join(ends)} in {network}"
    if len(place.addresses) <= _LISTED:
        return f"{number} machines in {network}: {', '.join(map(code, place.addresses))}"
    return f"{number} machines in {network}: their addresses are in change-request.csv, rule {rule}"


def _left_out(request: ChangeRequest) -> list[str]:
    if not request.left_out:
        return []
    by_reason: dict[tuple[str, str], list[str]] = {}
    for case in request.left_out:
        by_reason.setdefault((case.row, code(case.reason, 160)), []).append(case.id)
    lines = ["", "## Failed, and not in this request", "", not_in_it(request), ""]
    for (row, reason), ids in list(by_reason.items())[:_LEFT_OUT_SHOWN]:
        others = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        lines.append(f"- {code(row)}: {reason} ({code(ids[0])}{others})")
    if len(by_reason) > _LEFT_OUT_SHOWN:
        lines.append(f"- and {counted(len(by_reason) - _LEFT_OUT_SHOWN, 'more kind')}: see run.json")
    return lines


def _waived(run: Run, request: ChangeRequest) -> list[str]:
    groups = waived_of(run, request)
    if not groups:
        return []
    lines = ["", "## Shut, and left out because it is waived", "", waived_sentence(request), ""]
    for group in groups[:_LEFT_OUT_SHOWN]:
        waiver, ids = group.waiver, [case.id for case in group.cases]
        others = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        ticket = f", ticket {code(waiver.ticket, 80)}" if waiver.ticket else ""
        people = f"asked by {code(waiver.asked_by, 80)}, approved by {code(waiver.approved_by, 80)}"
        lines.append(
            f"- {code(group.row)}, until {code(waiver.until)}: waiver {code(waiver.id, 80)}, {people}{ticket}: "
            f"{code(waiver.reason, 160)} ({code(ids[0])}{others})"
        )
    if len(groups) > _LEFT_OUT_SHOWN:
        lines.append(f"- and {counted(len(groups) - _LEFT_OUT_SHOWN, 'more kind')}: see run.json")
    return lines
