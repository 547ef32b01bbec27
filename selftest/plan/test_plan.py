"""What is planned for which row at which site: a table of rows, changes to a site, and the cases that must come out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from preflight.catalogue.loader import load_catalogue
from preflight.catalogue.model import Catalogue
from preflight.errors import InventoryError
from preflight.plan.build import build_plan
from preflight.topology.loader import load_inventory
from preflight.topology.model import Topology
from preflight.values.shipped_yaml import load as load_yaml

HERE = Path(__file__).parent
ROWS: list[dict[str, Any]] = load_yaml((HERE / "table.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def site_with(changes: dict[str, Any], folder: Path) -> Topology:
    yaml = YAML()  # keeps the order, which is the report's
    site = yaml.load((HERE / "site.yaml").read_text("utf-8"))
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = site
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    text = io.StringIO()
    yaml.dump(site, text)
    file = folder / "inventory.yaml"
    file.write_text(text.getvalue(), "utf-8")
    return load_inventory(file)


@pytest.mark.parametrize("row", ROWS, ids=[f"{r['row']}-{i}" for i, r in enumerate(ROWS)])
def test_cases_of_a_row(row: dict[str, Any], catalogue: Catalogue, tmp_path: Path) -> None:
    told = dict(row)
    topology = site_with(told.pop("set", {}), tmp_path)
    cases = [c for c in build_plan(catalogue, topology) if c.row == told["row"]]
    told.pop("row")
    assert [c.id for c in cases] == told.pop("cases")
    if "probes" in told:
        assert [f"{p.source}>{p.port}" for p in cases[0].probes] == told.pop("probes")
    for name, text in told.items():
        assert text in str(getattr(cases[0], name)), cases[0]


def test_every_row_has_a_case(catalogue: Catalogue, tmp_path: Path) -> None:
    plan = build_plan(catalogue, site_with({}, tmp_path))
    assert list(dict.fromkeys(c.row for c in plan)) == [r.id for r in catalogue.rows]
    assert len({c.id for c in plan}) == len(plan)


def test_planning_is_pure(catalogue: Catalogue, tmp_path: Path) -> None:
    topology = site_with({}, tmp_path)
    assert build_plan(catalogue, topology) == build_plan(catalogue, topology)


def test_equal_questions_are_equal_probes(catalogue: Catalogue, tmp_path: Path) -> None:
    """4111 and 6020 stand in two tables of the page each (I02 and K01, I07 and K02): asked once, judged twice."""
    plan = {c.id: c for c in build_plan(catalogue, site_with({}, tmp_path))}
    assert plan["K01:cml1>cml2"].probes[0] in plan["I02:cml1>cml2"].probes
    assert plan["K02:cml1>cml2"].probes == plan["I07:cml1>cml2"].probes


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("W01", 8080, "8080 is not one of the row's ports; choose of 80/443"),
        ("W04", 516, "the page fixes the port of this row"),
        ("O15", 1433, "what the SQL browser answers"),
        ("W99", 1, "no such port row"),
    ],
)
def test_ports_that_cannot_be(key: str, value: int, sentence: str, catalogue: Catalogue, tmp_path: Path) -> None:
    topology = site_with({f"ports.{key}": value}, tmp_path)
    with pytest.raises(InventoryError, match=rf"inventory\.yaml:\d+: ports\.{key}: .*") as caught:
        build_plan(catalogue, topology)
    assert sentence in str(caught.value)


def test_no_remedy_asks_for_what_the_inventory_says_already(catalogue: Catalogue) -> None:
    lab = load_inventory(HERE.parents[1] / "inventory.yaml")
    asking = {row.id: row.until_set for row in catalogue.flows if row.until_set}
    remedies = {case.row: case.remedy for case in build_plan(catalogue, lab) if case.row in asking and case.source}
    assert {row for row, remedy in remedies.items() if asking[row] not in remedy} == {"W01", "P07", "S15"}, (
        "set in the lab's inventory"
    )
    assert remedies["S15"].startswith("Allow the range of ftpPassivePorts inbound")
    assert not [row.id for row in catalogue.flows if f"ports.{row.id} in the inventory" in row.remedy and row.until_set]
