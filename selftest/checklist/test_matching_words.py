"""Globs, version ranges, folders and our tables: the small rules under C04 and C09, and the ready block of C04."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from preflight.errors import InventoryError
from preflight.facts.antivirus_reads import antivirus_products, spared_folders
from preflight.facts.software import Program, Software
from preflight.facts.software_judged import judge_software, ready_block
from preflight.facts.windows_paths import covers, holds_whole
from preflight.topology.loader import load_inventory
from preflight.values.matching import VersionRange, glob_matches, version_parts

HOLDS = [
    (">=8.0, <10", "9.5.1", True),
    (">=8.0, <10", "10", False),
    (">=8.0, <10", "7.9.9", False),
    ("9.*", "9.12.3", True),
    ("9.*", "90.1", False),
    (">9.*", "9.5", False),
    ("9.0", "9.0.0.0", True),
    ("9.0", "9.0.0.1", False),
    ("23.01", "23.1", True),
    ("<=2", "2 (x64)", True),
    ("1", "one", False),
    ("1", "", False),
]


@pytest.mark.parametrize(("text", "version", "expected"), HOLDS)
def test_a_range_holds(text: str, version: str, expected: bool) -> None:
    assert VersionRange(text).holds(version) is expected


def test_globs_know_two_signs_only() -> None:
    assert glob_matches("Java [8] *", "java [8] Update 391")
    assert not glob_matches("Java [8]*", "Java 8 Update 391")
    assert glob_matches("a?c", "abc")
    assert not glob_matches("abc", "abcd")
    assert not glob_matches("*a" * 50, "a" * 300 + "b")  # no backtracking without end
    assert glob_matches("*a*b", "xaab")
    assert glob_matches("a*", "a")
    assert not glob_matches("", "a")
    assert version_parts("v10.2-beta") == (10, 2)


COVERS = [
    ("C:\\SafeQ5\\logs", "c:\\safeq5\\LOGS\\", True),
    ("C:\\SafeQ5", "C:\\SafeQ5\\logs", True),
    ("C:\\SafeQ5\\*", "C:\\SafeQ5\\logs", True),
    ("C:\\*\\logs", "C:\\SafeQ5\\logs", True),
    ("C:\\SafeQ5\\PGSQL-data", "C:\\SafeQ5\\PGSQL*", True),
    ("C:\\SafeQ5\\logs\\old", "C:\\SafeQ5\\logs", False),
    ("C:\\SafeQ5\\log", "C:\\SafeQ5\\logs", False),
    ("C:\\SafeQ50", "C:\\SafeQ5\\logs", False),
    ("D:\\", "C:\\SafeQ5\\logs", False),
    ("", "C:\\SafeQ5\\logs", False),
]


@pytest.mark.parametrize(("exclusion", "folder", "expected"), COVERS)
def test_an_exclusion_covers(exclusion: str, folder: str, expected: bool) -> None:
    assert covers(exclusion, folder) is expected


def test_the_whole_product_is_more_than_one_folder_of_it() -> None:
    root = "C:\\SafeQ5"
    assert all(holds_whole(wide, root) for wide in ("C:", "C:\\*", "c:\\safeq5\\", "C:\\SafeQ*", "C:\\SafeQ5\\*.*"))
    assert not any(holds_whole(narrow, root) for narrow in ("C:\\SafeQ5\\logs", "D:\\", "C:\\Safe", ""))


def test_our_tables_are_whole() -> None:
    table = spared_folders()
    wanted = [folder for folders in table.folders.values() for folder in folders]
    assert not [f for f in wanted if any(holds_whole(f, root) for root in table.roots)], "none is a whole product"
    names = [entry.product for entry in antivirus_products()]
    assert len(set(names)) == len(names) > 10
    assert not [e for e in antivirus_products() for g in (*e.services, *e.names) if len(g.replace("*", "")) < 3]


def test_the_ready_block_is_refused_until_it_is_filled_in(tmp_path: Path) -> None:
    programs = (
        Program('Quo"ted: {name}, #1', "1.2.3", "A & B\\C, Inc."),
        Program("x" * 300, "no version", "*"),
        Program("- [odd]", "2.0-beta", ""),
        Program("šaty", "7", "Žluťoučký kůň"),
    )
    block = ready_block(programs)
    assert "\n" not in block
    base = "customer: a\nsite: b\nhosts: {c: {roles: cml, address: 10.0.0.1, manage: none}}\n"
    file = tmp_path / "inventory.yaml"
    file.write_text(base + block + "\n", encoding="utf-8")
    with pytest.raises(InventoryError, match="not filled in"):
        load_inventory(file)
    wrapped = block.replace('agreed: "?"', 'agreed: "ticket 4711"').replace(", ", ",\n  ")
    file.write_text(base + wrapped + "\n", encoding="utf-8")  # as a report may have wrapped it
    agreed = load_inventory(file).checklist.software
    assert agreed is not None
    assert len(YAML(typ="safe").load(wrapped)["checklist"]["software"]) == len(programs)
    found = judge_software(Software(programs, 0, 0), agreed)
    assert found.agreed == programs
