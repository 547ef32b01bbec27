"""Answers out of a file in the place of questions: what is said of which row, held against what is open."""

from __future__ import annotations

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

KEY = "answers"


def answered(file: Path, groups: list[OpenGroup], site: Site) -> list[Draft]:
    """Attestations for the open cases that the answers are for, and for no others.

    Raises InventoryError: every problem with file and line, an answer that is for nothing open among them.
    """
    problems = Problems()
    text = read_text(file, "file of answers", Place(str(file)), problems)
    drafts: list[Draft] = []
    if text is not None:
        parsed = parse(text, str(file), problems, file_kind(KEY, "a file of answers"))
        checker = Checker(parsed, problems)
        pool = {case.id: case for group in groups for case in group.cases}
        for value, at in entries_of(checker, KEY):
            raw = checker.piece(value, at, RawAnswer)
            if raw is not None:
                drafts += _drafts(raw, at, pool, site, problems)
    problems.raise_any()
    if not drafts:
        raise InventoryError(f"{file}: no answers in it; write a list, `{KEY}:`, of what was looked at")
    return drafts


def _drafts(raw: RawAnswer, at: Place, pool: dict[str, Case], site: Site, problems: Problems) -> list[Draft]:
    known = site_of(site.topology, site.rows)
    requirement = rows_named(raw.requirement, known, at.of("requirement"), problems)
    hosts, source, destination = scopes(raw, known, at, problems)
    check_people(raw, "attestation", at, problems)
    until = date.fromisoformat(raw.until)
    if until < site.today:
        problems.add(at.of("until"), f"{until} is over already; write a day to come")
    said = Statement(raw.asked_by, raw.approved_by, raw.reason, until, raw.ticket or "")
    if problems.told_of(at):
        return []
    about = Ruling(
        "", "attestation", requirement, hosts, source, destination, said.asked_by, said.approved_by, said.reason,
        said.ticket, until, "", 0,
    )  # fmt: skip
    mine = [case for case in pool.values() if about.is_for(case)]
    if not mine:
        problems.add(at, "nothing that it is for is unverified in this run, or an answer above took it all")
    for case in mine:
        del pool[case.id]
    return drafts_for(mine, said)
