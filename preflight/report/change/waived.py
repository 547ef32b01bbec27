"""What a change request leaves out because somebody waived it: by whom, until when. It will be asked for after that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from preflight.report.change.rules import ChangeRequest
from preflight.run.model import CaseResult, Run
from preflight.run.model_rulings import RulingResult
from preflight.values.counted import counted
from preflight.values.spans import ports_text, spans_of

HEAD = ("case", "row", "protocol", "ports", "waiver", "asked by", "approved by", "until", "ticket", "why")


@dataclass(frozen=True, slots=True)
class Waived:
    """Ways of one row that one waiver lies over."""

    row: str
    waiver: RulingResult
    cases: tuple[CaseResult, ...]


def waived_of(run: Run, request: ChangeRequest) -> list[Waived]:
    """By row and waiver, in the run's order."""
    known = {ruling.id: ruling for ruling in run.rulings}
    found: dict[tuple[str, str], list[CaseResult]] = {}
    for case in request.waived:
        found.setdefault((case.row, case.ruling or ""), []).append(case)
    return [Waived(row, known[name], tuple(cases)) for (row, name), cases in found.items()]


def waived_sentence(request: ChangeRequest) -> str:
    """How many, and what that means for whoever keeps the firewalls."""
    number = len(request.waived)
    if not number:
        return "No waived flow was seen shut."
    return (
        f"{counted(number, 'flow')} {'was' if number == 1 else 'were'} seen shut and {'is' if number == 1 else 'are'} "
        "left out, since the site has waived them for a time: when a waiver ends, its flows are asked for."
    )


def waived_rows(groups: Sequence[Waived]) -> list[tuple[str, ...]]:
    """A line a case, under HEAD."""
    return [
        (
            case.id,
            group.row,
            (case.protocol or "").upper(),
            ports_text(case.spans or spans_of(tuple(shut.port for shut in case.shut))),
            group.waiver.id,
            group.waiver.asked_by,
            group.waiver.approved_by,
            group.waiver.until,
            group.waiver.ticket,
            group.waiver.reason,
        )
        for group in groups
        for case in group.cases
    ]
