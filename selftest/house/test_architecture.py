"""The import rules: one way, no circles, the engine knows neither pytest nor the lab."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import pytest
from house_files import imports, module_name, python_files

EVERYBODY = {"errors", "values"}  # plain values and the exceptions; they themselves import nothing of ours
# What each part may import besides itself and what everybody may. A dotted name allows that module only.
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "values": set(),
    "catalogue": set(),
    "topology": set(),
    "wire": set(),
    "firewall": set(),
    "database": {"topology", "wire"},  # asks the external database server from the machine that runs the suite
    "directory": {"topology", "wire"},  # asks the site's user directory from the machine that runs the suite
    # The questions to a database server, and what their rows say, are the same whoever asks.
    "facts": {"agents.reads", "database.queries", "database.rows", "topology.checklist_database", "topology.model"},
    # wire.tls: the certificates that nodes were shown are read out of what their probes recorded.
    "checks": {"facts", "topology.checklist_shares", "topology.directory_model", "topology.model", "wire.tls"},
    "plan": {"catalogue", "topology", "wire", "facts.registry"},
    "transports": {"topology"},
    "agents": {"transports"},
    # The doctor: what a run would ask, and the agents that will be asked; texts are cut and wrapped as in reports.
    "doctor": {"agents", "transports", "topology", "facts.registry", "report.text"},
    # The model: where a machine's manage stands.
    "survey": {"agents", "transports", "wire", "facts.registry", "topology.model"},
    "verdict": {"catalogue", "topology", "firewall", "wire.registry"},  # the registry: answers are decoded when judged
    "rulings": {"topology"},  # waivers and attestations are held against the site, and written as inventories are
    # The paper before any test: what the plan would ask; cells and sheets are written as in reports.
    "ports": {"catalogue.model", "plan", "topology.model", "report.cells", "report.spreadsheet"},
    "run": set(),
    "report": {"run"},
    # Asks a person about the cases that a run left open, and holds the answers against site and page.
    "attest": {"catalogue.loader", "plan.build", "report", "rulings", "run", "topology"},
    # The lab takes the part of hosts behind a transport: it is one, it reads which agent it was sent, and it answers.
    "lab": {
        "topology",
        "wire",
        "agents.contract",
        "agents.contract_facts",
        "agents.scripts",
        "transports.base",
        "transports.winrm",
    },
}
TOP = {"", "cli", "commands"}  # the package itself and its commands may import what they start

NO_IO = {"catalogue.model", "firewall", "plan", "values", "verdict", "wire", "errors"}
IO_MODULES = {"asyncio", "http", "requests", "select", "selectors", "socket", "ssl", "subprocess", "urllib", "winrm"}

ENGINE = [file for file in python_files() if file.parts[0] == "preflight"]
REMOTE = [file for file in ENGINE if file.parts[1:3] == ("agents", "remote")]


@functools.cache
def graph() -> dict[str, set[str]]:
    """Module of the engine -> what it imports. Read when a test asks: every worker loads this file."""
    return {module_name(file): set(imports(file)) for file in ENGINE}


def part_of(module: str) -> str:
    """preflight.run.store -> run; preflight -> ''."""
    return module.split(".")[1] if "." in module else ""


def under(module: str, names: set[str]) -> bool:
    """Whether preflight.a.b lies in one of the parts or modules named, as `a` or `a.b`."""
    inner = module.partition(".")[2]
    return any(inner == name or inner.startswith(f"{name}.") for name in names)


def ours(module: str) -> set[str]:
    """What a module imports of the engine."""
    return {m for m in graph()[module] if m.split(".")[0] == "preflight"}


def test_there_is_something_to_look_at() -> None:
    assert len(ENGINE) > 50
    assert {part_of(m) for m in graph()} - TOP == set(ALLOWED), "a part that the table does not know, or no longer has"


def forbidden(module: str) -> list[str]:
    """Imports of a module that its part may not have."""
    part = part_of(module)
    if part in TOP:
        return []
    may = ALLOWED[part] | {part} | (EVERYBODY if ALLOWED[part] or part not in EVERYBODY else set())
    return [m for m in sorted(ours(module)) if m != "preflight" and not under(m, may)]


def test_a_part_imports_only_what_it_may() -> None:
    assert {module: found for module in graph() if (found := forbidden(module))} == {}


def outside(module: str) -> set[str]:
    """Names of the packages that a module imports."""
    return {m.split(".")[0] for m in graph()[module]}


def test_the_engine_knows_neither_pytest_nor_the_plugins_nor_the_lab() -> None:
    strangers = {"pytest", "_pytest", "pytest_html", "fixtures", "tests", "selftest"}
    assert {module: found for module in graph() if (found := outside(module) & strangers)} == {}
    # Only transports, and the lab, which takes the place of one, are backends of testinfra.
    backends = {part_of(module) for module in graph() if "testinfra" in outside(module)}
    assert backends <= {"transports", "lab"}
    # Only fixtures may import the lab.
    assert [m for m in graph() if part_of(m) != "lab" and any(under(i, {"lab"}) for i in ours(m))] == []


def test_what_judges_or_decodes_opens_nothing() -> None:
    quiet = [module for module in graph() if under(module, NO_IO)]
    assert {module: found for module in quiet if (found := outside(module) & IO_MODULES)} == {}


def test_agents_for_the_targets_are_sent_and_never_imported() -> None:
    remote = {module_name(file) for file in REMOTE}
    assert remote, "there are agents"
    users = [m for m in graph() if m not in remote and graph()[m] & remote]
    users += [str(f) for f in python_files() if f.parts[0] == "fixtures" and imports(f) & remote]
    assert users == []


@pytest.mark.parametrize("file", REMOTE, ids=str)
def test_agents_for_the_targets_need_only_the_standard_library(file: Path) -> None:
    outside = {m.split(".")[0] for m in imports(file) if not m.startswith("preflight.agents.remote")}
    assert outside <= sys.stdlib_module_names


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """One circle of a graph, or nothing."""
    done: set[str] = set()

    def walk(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        for below in sorted(arrows.get(node, ())):
            found = walk(below, [*path, node])
            if found:
                return found
        done.add(node)
        return []

    return next((found for node in sorted(arrows) if (found := walk(node, []))), [])


def test_the_search_for_circles_finds_one() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circle({module: ours(module) - {"preflight"} for module in graph()}) == []


def test_no_part_imports_itself_by_way_of_others() -> None:
    parts: dict[str, set[str]] = {}
    for module in graph():
        part = part_of(module)
        parts.setdefault(part, set()).update({part_of(m) for m in ours(module)} - {part, ""})
    assert circle(parts) == []
