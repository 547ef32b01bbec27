"""Which rows of the page a finding blocks: exactly those that need what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doctor_command import CLONE

from preflight.catalogue.loader import load_catalogue
from preflight.doctor.blocked import Needs, needs_of, with_blocked
from preflight.doctor.model import COLUMNS, Effect, Examination, Finding, Step
from preflight.doctor.spans import spans
from preflight.plan.build import build_plan
from preflight.topology.loader import load_inventory
from preflight.values.shipped_yaml import load as load_yaml

ROWS = load_yaml(Path(__file__).with_name("blocked.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def needs() -> Needs:
    """The default inventory's plan."""
    catalogue = load_catalogue(None)
    plan = build_plan(catalogue, load_inventory(CLONE / "inventory.yaml"))
    return needs_of(plan, [row.id for row in catalogue.rows])


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['host']}-{r['effect']}-{r['installed']}")
def test_an_effect_blocks_exactly_these_rows(row: dict[str, Any], needs: Needs) -> None:
    blocked = needs.blocked(row["effect"], row["host"], row["installed"])
    assert list(blocked.rows) == row["rows"]
    assert {case.split(":")[0] for case in blocked.cases} == set(row["rows"])


def test_every_case_needs_somebody(needs: Needs) -> None:
    items = {number for number, case in enumerate(needs.cases) if case.protocol is None and case.destination}
    with_probes = {number for number, case in enumerate(needs.cases) if case.probes}
    needed = set().union(*needs.agent.values())
    assert needed - items == with_probes
    assert {needs.cases[n].row for n in items - needed} == {"C11"}, "the database is asked by the controller"


def examined(host: str, effects: tuple[Effect, ...], installed: bool | None = False) -> Examination:
    """A host whose account has ordinary rights."""
    steps = tuple(Step(c, "not ok" if c == "rights" else "ok", "ok", "logged in as p") for c in COLUMNS)
    finding = Finding(host, "rights", "not-elevated", "which rights p has", "not root", "sudo", effects=effects)
    return Examination(host, "10.0.0.1", "ssh p@10.0.0.1", steps, (finding,), installed)


def test_ordinary_rights_are_enough_where_no_row_misses_others(needs: Needs) -> None:
    host = with_blocked(examined("v1", ("low-ports", "owners")), needs)
    assert host.state == "ok"
    rights = host.steps[COLUMNS.index("rights")]
    assert (rights.state, rights.word) == ("ok", "user")
    assert "enough" in rights.seen


def test_ordinary_rights_block_what_they_block_and_no_more(needs: Needs) -> None:
    host = with_blocked(examined("cml1", ("low-ports", "owners")), needs)
    assert host.state == "not ok"
    assert [b.effect for b in host.findings[0].blocked] == ["low-ports"]
    after = with_blocked(examined("cml1", ("low-ports", "owners"), installed=True), needs)
    assert [b.effect for b in after.findings[0].blocked] == ["owners"]


PAGE = ("W01", "W02", "W03", "W04", "P01", "P02", "P03")


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ((), ""),
        (("W01",), "W01"),
        (("W01", "W02"), "W01, W02"),
        (("W01", "W02", "W03"), "W01-W03"),
        (("W01", "W02", "W04"), "W01, W02, W04"),
        (("W02", "W03", "W04", "P01"), "W02-W04, P01"),
        (PAGE, "W01-W04, P01-P03"),
    ],
)
def test_rows_in_few_words(rows: tuple[str, ...], shown: str) -> None:
    assert spans(rows, PAGE) == shown
