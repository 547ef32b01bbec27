"""cases.csv: every case in a line, for a spreadsheet that must not take a host's words for a formula."""

from __future__ import annotations

import csv
import io
import re

from preflight.report.text import clean_text
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
# Excel takes 32,767 characters in a cell; more of them would run over into the next.
_CELL = 32_000
# What makes a spreadsheet calculate, also in its full-width form. Where the list separator is a semicolon, as in most
# of Europe, a file with commas is cut at semicolons within texts, so what follows one begins a cell, too.
_FORMULA = re.compile("(^[\\s\"']*|[;\\t][\\s\"']*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def cases_csv(run: Run) -> bytes:
    """UTF-8 with a byte order mark (without one Excel reads it in the system's code page), commas, CRLF (RFC 4180)."""
    kinds = {change.case: change.kind for change in run.comparison.changes} if run.comparison else {}
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for case in run.cases:
        writer.writerow([defused(text) for text in _texts(case, kinds.get(case.id, ""))])
    return b"\xef\xbb\xbf" + file.getvalue().encode("utf-8")


def defused(text: str) -> str:
    """The text as a cell that nothing calculates: an apostrophe stands before what would begin a formula."""
    if not text or (text[0].isalnum() and ";" not in text and len(text) <= _CELL and text.isprintable()):
        return text  # most are: nothing to look for
    return _FORMULA.sub(r"\1'", clean_text(text, _CELL))


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
