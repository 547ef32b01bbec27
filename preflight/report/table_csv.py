"""cases.csv: every case in a line, for a spreadsheet that must not take a host's words for a formula."""

from __future__ import annotations

from preflight.report.spreadsheet import Sheet, csv_bytes
from preflight.run.model import CaseResult, Run

COLUMNS = (
    "id",
    "row",
    "section",
    "level",
    "requirement",
    "protocol",
    "ports",
    "source",
    "destination",
    "hosts",
    "phase",
    "outcome",
    "standing",
    "ruling",
    "change",
    "reason",
    "asked",
    "seen",
    "remedy",
    "strength",
    "stand_in",
    "findings",
    "note",
)


def cases_csv(run: Run) -> bytes:
    """The file, in the manner of all our CSV files."""
    kinds = {change.case: change.kind for change in run.comparison.changes} if run.comparison else {}
    return csv_bytes(Sheet("Cases", COLUMNS, [_texts(case, kinds.get(case.id, "")) for case in run.cases]))


def _texts(case: CaseResult, change: str) -> list[str]:
    told: dict[str, str | None] = {
        "protocol": case.protocol,
        "ports": ", ".join(map(str, case.ports)),
        "hosts": ", ".join(case.hosts),
        "phase": case.phase,
        "outcome": case.outcome.value,
        "standing": case.standing.value,
        "change": change,
        "findings": "; ".join(case.findings),
    }
    return [(told[name] if name in told else getattr(case, name)) or "" for name in COLUMNS]
