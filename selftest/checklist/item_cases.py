"""Recorded facts -> expected outcome: one YAML file an item in cases/, played through the item's own acceptance test.

A row: `name`; `facts`: what the host told, by name (a value, or {status: denied, detail: ...}); `phase`: before, after
(unsaid: both are played); `site`: what the suite's own machine asked, by key (database:cml1);
`others`: what other hosts told, by host, then as in `facts`;
`base`: a recording of a user directory (recorded/NAME.json: inventory and site facts); `over`: values laid over what it
told, by path (users/attributes/login/missing); `wish`: over `directory` of its inventory, null: unsaid; `ways`: flows,
judged; `nodes`: what machines of the site were answered in TLS by its servers;
`inventory`: keys laid over the base inventory's; `on`: the host (cml1 when unsaid);
`expect`: the outcome; `says`: pieces of its reason; `do`: a piece of the remedy; `seen`, `notes`: pieces of those.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from preflight.catalogue.loader import load_catalogue
from preflight.catalogue.model import Catalogue
from preflight.checks.directory import Directory, Way
from preflight.checks.judging import run_check
from preflight.checks.subjects import subject_of
from preflight.lab.overlay import laid_over
from preflight.plan.build import build_plan
from preflight.topology.loader import load_inventory
from preflight.values.directory import NodeTls
from preflight.values.observation import Fact, HostObservation, Observations, SiteFact
from preflight.values.outcome import Verdict
from preflight.values.shipped_yaml import load as load_yaml
from preflight.verdict.evidence import Evidence
from preflight.verdict.judge import judge

CASES = Path(__file__).with_name("cases")
RECORDED = Path(__file__).with_name("recorded")
TESTS = Path(__file__).parents[2] / "tests" / "checklist"
PRODUCT = {"name": "YSoftSafeQCML", "display": "YSoft SafeQ CML", "state": "running", "pid": 3000, "path": r"C:\SafeQ5"}
BASE: dict[str, Any] = {
    "customer": "Recorded",
    "site": "Recorded",
    "manage": {"by": "winrm", "user": r"CORP\preflight", "password": {"env": "UNUSED"}},
    "hosts": {"cml1": {"roles": ["cml"], "address": "10.1.1.11"}},
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One row of an item's file, for one phase."""

    item: str
    phase: str
    row: dict[str, Any]

    @property
    def id(self) -> str:
        """For pytest."""
        return f"{self.item}-{self.row['name'].replace(' ', '-')}-{self.phase}"


def recorded_cases() -> Iterator[Recorded]:
    """All rows of all items."""
    for file in sorted(CASES.glob("*.yaml")):
        for row in load_yaml(file.read_text(encoding="utf-8")):
            for phase in [row["phase"]] if "phase" in row else ["before", "after"]:
                yield Recorded(file.stem, phase, on_base(row))


@cache
def item_tests() -> dict[str, Callable[..., Any]]:
    """The acceptance tests by the item that they are marked with."""
    found: dict[str, Callable[..., Any]] = {}
    for file in sorted(TESTS.glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(f"recorded_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, test in inspect.getmembers(module, inspect.isfunction):
            for mark in getattr(test, "pytestmark", []):
                if mark.name == "item" and name.startswith("test_"):
                    assert mark.args[0] not in found, f"two tests for {mark.args[0]}"
                    found[mark.args[0]] = test
    return found


def observed(told: dict[str, Any], phase: str, name: str = "cml1") -> HostObservation:
    """A host that told these facts."""
    facts = {"services": [PRODUCT] if phase == "after" else [], **told}
    made = {
        name: Fact(name, value["status"], value.get("value"), value.get("detail", ""), 1.0)
        if isinstance(value, dict) and "status" in value
        else Fact(name, "ok", value, "", 1.0)
        for name, value in facts.items()
    }
    return HostObservation(name, True, "recorded", 1_700_000_000.0, facts=made)


def observed_of_site(told: dict[str, Any]) -> dict[str, SiteFact]:
    """What the suite's own machine asked, by key (database:cml1)."""
    return {
        key: SiteFact(key, value["status"], None, value.get("detail", ""), 1.0, "recorded", 1_700_000_000.0)
        if "status" in value
        else SiteFact(key, "ok", value, "", 1.0, "recorded", 1_700_000_000.0)
        for key, value in told.items()
    }


def play(recorded: Recorded, folder: Path) -> Verdict:
    """The verdict of the item's own test on a recorded row."""
    file = folder / "inventory.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump({**BASE, **recorded.row.get("inventory", {})}, out)
    site = load_inventory(file)
    host = recorded.row.get("on", "cml1")
    case = next(c for c in build_plan(catalogue(), site) if c.row == recorded.item and c.destination in (host, None))
    assert case.not_applicable is None, case.not_applicable
    told = observed_of_site(recorded.row.get("site", {}))
    others = {name: observed(facts, recorded.phase, name) for name, facts in recorded.row.get("others", {}).items()}
    others[host] = observed(recorded.row.get("facts", {}), recorded.phase, host)
    if case.unasked is not None:
        return judge(case, Evidence(Observations()), site)
    ways = [Way(**way) for way in recorded.row.get("ways", ())]
    subject = subject_of(case, site, Observations(hosts=others, site=told), ways)
    if isinstance(subject, Directory):
        subject.nodes = tuple(
            NodeTls(**{**node, "names": tuple(node["names"])}) for node in recorded.row.get("nodes", ())
        )
    return run_check(item_tests()[recorded.item], subject)


@cache
def catalogue() -> Catalogue:
    """The vendor's page."""
    return load_catalogue()


@cache
def _base(name: str) -> dict[str, Any]:
    """A recording: `inventory` and `site`."""
    text = (RECORDED / f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def on_base(row: dict[str, Any]) -> dict[str, Any]:
    """A row with `base`, written out."""
    if "base" not in row:
        return row
    base = _base(row["base"])
    inventory = {**base["inventory"], **row.get("inventory", {})}
    if "wish" in row:
        wish = laid_over(inventory["directory"], row["wish"])
        inventory["directory"] = {key: value for key, value in wish.items() if value is not None}
    site = {key: laid_over(value, row.get("over", {})) for key, value in base["site"].items()}
    return {**row, "inventory": inventory, "site": row.get("site", site)}
