"""The change request as sheets: the rules, each of their machines, what is not in it, and what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from preflight.report.change.places import Place, halves
from preflight.report.change.rules import ChangeRequest, Rule, change_request
from preflight.report.change.waived import HEAD as WAIVED_HEAD
from preflight.report.change.waived import waived_of, waived_rows, waived_sentence
from preflight.report.decision import verdict_line
from preflight.report.spreadsheet import Row, Sheet, csv_bytes, rows_of, xlsx_bytes
from preflight.run.model import Run
from preflight.values.counted import counted
from preflight.values.outcome import Outcome
from preflight.values.spans import ports_text

HEAD = (
    "rule",
    "mandatory",
    "from network",
    "from",
    "from addresses",
    "to network",
    "to",
    "to addresses",
    "protocol",
    "ports",
    "whose firewall",
    "why",
    "rows",
    "failed cases",
    "note",
)
NOTHING = "No rule is asked for: no required flow failed whose destination was proven to be listening."
NOTHING_ELSE = "No rule is asked for: of the required flows that failed, waived ones alone were proven to be shut."
RETEST = (
    "When the rules are in, pytest --lf asks what failed once more and nothing else (with the same --inventory and "
    "--phase); a full run decides."
)
MEANING = (
    "Only flows that a required row of the vendor's page asks for, that failed, and whose destination was proven to "
    "be listening at that moment. Nothing else would be let through.",
    "A rule may serve several rows of the page: each is told with its level and its ports.",
)


def request_csv(run: Run) -> bytes:
    """change-request.csv: a rule a line, or several where a cell cannot hold its addresses; if none, that is said."""
    request = change_request(run)
    lead = (_lab(run),) if run.lab is not None else ()
    rows = _rows(request) or [(nothing(request), *[""] * (len(HEAD) - 1))]
    return csv_bytes(Sheet("Rules", HEAD, rows, lead))


def request_xlsx(run: Run) -> bytes:
    """change-request.xlsx: the same with its machines, what failed and is not in it, what is waived, and what it is."""
    request = change_request(run)
    lead = (_lab(run),) if run.lab is not None else ()
    rules = Sheet("Rules", HEAD, _rows(request) or [(nothing(request), *[""] * (len(HEAD) - 1))], lead)
    parts = [
        (rule.number, row, level, rule.protocol.upper(), ports_text(ports), purpose)
        for rule in request.rules
        for row, level, ports, purpose in rule.parts
    ]
    by_row = Sheet("Rows", ("rule", "row", "level", "protocol", "ports", "why"), parts)
    machines = Sheet("Machines", ("rule", "end", "machine", "address", "network"), _machines(request))
    left_out = [(c.id, c.row, c.reason, c.remedy) for c in request.left_out]
    others = Sheet("Not in it", ("case", "row", "why it failed", "what to do"), left_out, (not_in_it(request),))
    waived = Sheet("Waived", WAIVED_HEAD, waived_rows(waived_of(run, request)), (waived_sentence(request),))
    about = Sheet("About", ("what", ""), about_lines(run, request))
    return xlsx_bytes([rules, by_row, machines, others, waived, about], datetime.fromisoformat(run.started))


def about_lines(run: Run, request: ChangeRequest) -> list[tuple[str, str]]:
    """What the request is, for its head: pairs of a word and a sentence."""
    page = run.catalogue
    asking = sum(rule.mandatory != "no" for rule in request.rules)
    unseen = sum(case.standing is Outcome.UNVERIFIED and case.protocol is not None for case in run.cases)
    return [
        ("Customer", run.customer),
        ("Site", run.site),
        ("Run", f"{run.run_id}, {run.started}"),
        ("Asked from", f"{run.controller.hostname}, by {run.controller.user}"),
        ("Page", f"{page.product} {page.version}, revision {page.revision}; suite {run.suite_version}"),
        ("Result of the run", verdict_line(run).text),
        ("Rules", f"{counted(len(request.rules), 'rule')}; {asking} of them for a mandatory row"),
        *(("What is in it", sentence) for sentence in MEANING),
        *([("Not in it", not_in_it(request))] if request.left_out else []),
        *([("Waived", waived_sentence(request))] if request.waived else []),
        *([("Not known", f"{counted(unseen, 'flow')} could not be judged: see the report")] if unseen else []),
        ("Afterwards", RETEST),
    ]


def nothing(request: ChangeRequest) -> str:
    """Why there is no rule."""
    return NOTHING_ELSE if request.waived else NOTHING


def not_in_it(request: ChangeRequest) -> str:
    """How many failures no rule would mend, and why."""
    number = len(request.left_out)
    verb = "is" if number == 1 else "are"
    return (
        f"{counted(number, 'failed flow')} {verb} not in it: nothing proved that the destination "
        "listens (a dead service, a device, a machine that could not be asked), so it may be no firewall at all."
        if number
        else "All failed flows are in it."
    )


def firewall_text(rule: Rule) -> str:
    """Whose firewall it is."""
    return "; ".join(rule.firewalls)


def _lab(run: Run) -> str:
    return f"LAB RUN: simulated site {run.lab}. Nothing here is real; give this to nobody."


def _rows(request: ChangeRequest) -> list[Row]:
    return [row for rule in request.rules for row in rows_of(rule, _cells, _halves)]


def _cells(rule: Rule) -> Row:
    return (
        rule.number,
        rule.mandatory,
        _networks(rule.sources),
        _texts(rule.sources),
        _addresses(rule.sources),
        _networks(rule.destinations),
        _texts(rule.destinations),
        _addresses(rule.destinations),
        rule.protocol.upper(),
        ports_text(rule.ports),
        firewall_text(rule),
        "; ".join(rule.reasons),
        ", ".join(f"{row} {level}" for row, level in rule.levels),
        len(rule.cases),
        "; ".join(rule.notes),
    )


def _halves(rule: Rule) -> list[Rule]:
    """The rule as two of the same number, by the end that takes more room: together they open what it does."""
    sources, destinations = halves(rule.sources), halves(rule.destinations)
    longer = len(_texts(rule.sources)) >= len(_texts(rule.destinations))
    if sources and (longer or not destinations):
        return [replace(rule, sources=half) for half in sources]
    return [replace(rule, destinations=half) for half in destinations]


def _texts(places: tuple[Place, ...]) -> str:
    return "; ".join(place.text for place in places)


def _addresses(places: tuple[Place, ...]) -> str:
    return ", ".join(address for place in places for address in place.addresses)


def _machines(request: ChangeRequest) -> list[tuple[str | int, ...]]:
    return [
        (rule.number, word, end.name, end.address, place.network)
        for rule in request.rules
        for word, places in (("from", rule.sources), ("to", rule.destinations))
        for place in places
        for end in place.ends
    ]


def _networks(places: tuple[Place, ...]) -> str:
    return "; ".join(f"{place.network} ({place.cidr})" if place.cidr else place.network for place in places)
