"""Answers out of a file in the place of questions: what is said of which row, held against what is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from preflight.attest.open_cases import OpenGroup, Site
from preflight.errors import InventoryError
from preflight.rulings.drafts import Draft, Statement, drafts_for
from preflight.rulings.loader import check_people, entries_of, file_kind, rows_named, scopes, site_of
from preflight.rulings.model import Ruling
from preflight.rulings.raw_rulings import RawAnswer
from preflight.topology.document import parse, read_text
from preflight.topology.pieces import Checker
from preflight.topology.problems import Place, Problems
from preflight.values.case import Case
from preflight.values.counted import counted

KEY = "answers"
_NAMED = 3


@dataclass(slots=True)
class Answers:
    """What the answers come to so far, and what a person should know of them."""

    drafts: list[Draft] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def answered(file: Path, groups: list[OpenGroup], site: Site, failed: frozenset[str]) -> Answers:
    """Attestations for the open cases that the answers are for, and for no others.

    `failed`: ids of cases that were observed to fail; an answer that is for them, too, has a note that it is not.
    Raises InventoryError: every problem with file and line, an answer that is for nothing open among them.
    """
    problems = Problems()
    text = read_text(file, "file of answers", Place(str(file)), problems)
    answers = Answers()
    if text is not None:
        parsed = parse(text, str(file), problems, file_kind(KEY, "a file of answers"))
        checker = Checker(parsed, problems)
        pool = {case.id: case for group in groups for case in group.cases}
        for value, at in entries_of(checker, KEY):
            raw = checker.piece(value, at, RawAnswer)
            about = _about(raw, at, site, problems) if raw is not None else None
            if about is not None:
                _take(about, at, pool, _failed(about, site, failed), answers, problems)
    problems.raise_any()
    if not answers.drafts:
        raise InventoryError(f"{file}: no answers in it; write a list, `{KEY}:`, of what was looked at")
    return answers


def _about(raw: RawAnswer, at: Place, site: Site, problems: Problems) -> Ruling | None:
    """The answer as a ruling that has no id; None where something is wrong with it."""
    known = site_of(site.topology, site.rows)
    requirement = rows_named(raw.requirement, known, at.of("requirement"), problems)
    hosts, source, destination = scopes(raw, known, at, problems)
    check_people(raw, "attestation", at, problems)
    until = date.fromisoformat(raw.until)
    if until < site.today:
        problems.add(at.of("until"), f"{until} is over already; write a day to come")
    if problems.told_of(at):
        return None
    return Ruling(
        "", "attestation", requirement, hosts, source, destination, raw.asked_by, raw.approved_by, raw.reason,
        raw.ticket or "", until, "", 0,
    )  # fmt: skip


def _take(about: Ruling, at: Place, pool: dict[str, Case], denied: str, answers: Answers, problems: Problems) -> None:
    mine = [case for case in pool.values() if about.is_for(case)]
    if not mine:
        nothing = "nothing that it is for is unverified in this run, or an answer above took it all"
        problems.add(at, f"{nothing}{'; it ' + denied if denied else ''}")
    elif denied:
        answers.notes.append(f"{at}: {at.label}: {denied}")
    for case in mine:
        del pool[case.id]
    said = Statement(about.asked_by, about.approved_by, about.reason, about.until, about.ticket)
    answers.drafts += drafts_for(mine, said)


def _failed(about: Ruling, site: Site, failed: frozenset[str]) -> str:
    names = [case.id for case in site.plan.values() if case.id in failed and about.is_for(case)]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    were = "was" if len(names) == 1 else "were"
    return (
        f"is not for {counted(len(names), 'case')} that {were} observed to fail: {', '.join(names[:_NAMED])}{more}; "
        "mend the cause, or write a waiver"
    )
