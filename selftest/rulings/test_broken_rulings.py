"""Broken waivers and attestations are refused with file and line, all problems at once; what is right loads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ruled import ROWS, TOPOLOGY, rulings

from preflight.errors import InventoryError
from preflight.rulings.loader import load_rulings
from preflight.values.shipped_yaml import load as load_yaml

TABLE: list[dict[str, Any]] = load_yaml(Path(__file__).with_name("broken_rulings.yaml").read_text(encoding="utf-8"))
FLOW = "asked_by: Eva, approved_by: Jan, reason: r, until: 2027-01-31"
BLOCK = "asked_by: Eva\n    approved_by: Jan\n    reason: r\n    ticket: T\n    until: 2027-01-31"


def completed(text: str) -> str:
    """The text with W and A written out."""
    for mark, rest in ((", W", f", {FLOW}, ticket: T"), (", A}", f", {FLOW}}}"), ("    W\n", f"    {BLOCK}\n")):
        text = text.replace(mark, rest)
    return text


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line["name"].replace(" ", "-"))
def test_refused(line: dict[str, Any], tmp_path: Path) -> None:
    for key in ("waivers", "attestations"):
        if key in line:
            (tmp_path / f"{key}.yaml").write_text(completed(line[key]), encoding="utf-8")
    if "other" in line:
        (tmp_path / line["other"]).write_text("waivers: []\n", encoding="utf-8")
    with pytest.raises(InventoryError) as caught:
        load_rulings(tmp_path, TOPOLOGY, list(ROWS))
    told = [text.removeprefix(f"{tmp_path}{os.sep}") for text in str(caught.value).splitlines()]
    report = "\n".join(["told:", *told])
    for expected in line["expect"]:
        assert sum(text.startswith(expected) for text in told) == 1, f"{expected}\n{report}"
    assert len(told) == len(line["expect"]), report


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "waivers: []\n", "\ufeffwaivers: []\r\n"])
def test_nothing_in_it_is_no_ruling(text: str, tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_text(text, encoding="utf-8", newline="")
    assert load_rulings(tmp_path, TOPOLOGY, list(ROWS)).all == ()


def test_no_files_are_no_rulings(tmp_path: Path) -> None:
    found = load_rulings(tmp_path, TOPOLOGY, list(ROWS))
    assert (found.all, found.texts) == ((), {})


@pytest.mark.parametrize(
    "name", ["waivers-2025.yaml", "waivers.yaml.bak", "waivers2.yaml", "drivers.yaml", "waivers.txt", "stations.yaml"]
)
def test_what_is_called_otherwise_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("waivers: [1]\n", encoding="utf-8")
    (tmp_path / "attestation.yaml").mkdir()
    assert load_rulings(tmp_path, TOPOLOGY, list(ROWS)).texts == {}


def test_capitals_are_told_where_the_file_system_knows_them(tmp_path: Path) -> None:
    (tmp_path / "Waivers.yaml").write_text("waivers: []\n", encoding="utf-8")
    if (tmp_path / "waivers.yaml").exists():
        assert list(load_rulings(tmp_path, TOPOLOGY, list(ROWS)).texts) == ["waivers.yaml"]
        return
    with pytest.raises(InventoryError, match=r"Waivers\.yaml:1: is not read under this name; call it waivers\.yaml"):
        load_rulings(tmp_path, TOPOLOGY, list(ROWS))


def test_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").mkdir()
    with pytest.raises(InventoryError, match=r"the file of waivers .* cannot be read"):
        load_rulings(tmp_path, TOPOLOGY, list(ROWS))


def test_text_that_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_bytes("waivers: []\n# Žďár\n".encode("cp1250"))
    with pytest.raises(InventoryError, match=r"waivers.yaml:2: not UTF-8; save the file of waivers as UTF-8"):
        load_rulings(tmp_path, TOPOLOGY, list(ROWS))


def test_a_word_or_a_list_a_folded_reason_a_line_to_find(tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_text(
        "waivers:\n  # why\n  - id: W1\n    requirement: [S04, P*]\n    hosts: mfp1\n    asked_by: Eva\n"
        "    approved_by: Jan\n    reason: >\n      agreed\n      with Jan\n    ticket: T-1\n    until: 2027-01-31\n",
        encoding="utf-8",
    )
    (one,) = load_rulings(tmp_path, TOPOLOGY, list(ROWS)).all
    assert (one.reason, one.file, one.until.isoformat()) == ("agreed with Jan", "waivers.yaml:3", "2027-01-31")
    assert one.hosts.names == {"mfp1"}
    assert one.requirement.names == {"S04"} | {row for row in ROWS if row.startswith("P")}


def test_waivers_come_before_attestations(tmp_path: Path) -> None:
    found = rulings(
        tmp_path,
        [{"id": "W2", "requirement": "S04", "hosts": "*"}, {"id": "W1", "requirement": "S04", "hosts": "*"}],
        [{"id": "A1", "requirement": "C09", "hosts": "cml1"}],
    )
    assert [(r.id, r.kind, r.place) for r in found.all] == [
        ("W2", "waiver", 0),
        ("W1", "waiver", 1),
        ("A1", "attestation", 2),
    ]
