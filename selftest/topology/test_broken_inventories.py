"""Every broken inventory of broken.yaml is refused with its sentences, no others, and no secret in them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import InventoryError
from preflight.topology.loader import load_inventory
from preflight.values.shipped_yaml import load as load_yaml

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = load_yaml((HERE / "broken.yaml").read_text(encoding="utf-8"))


def write_case(case: dict[str, Any], folder: Path) -> Path:
    """Write the inventory that a case describes."""
    encoding = case.get("encoding", "utf-8")
    shutil.copy(HERE / "good" / "printers.csv", folder)
    text = case.get("text", (HERE / "good" / "inventory.yaml").read_text(encoding="utf-8"))
    for old, new in case.get("edit", {}).items():
        assert text.count(old) == 1, f"the edit {old!r} must fit one place"
        text = text.replace(old, new)
    if "nested" in case:
        text = "a: " + "[" * case["nested"]
    if "csv" in case:
        (folder / "printers.csv").write_bytes(case["csv"].encode(encoding))
    file = folder / "inventory.yaml"
    if not case.get("absent"):
        file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "-"))
def test_refused(case: dict[str, Any], tmp_path: Path) -> None:
    file = write_case(case, tmp_path)
    with pytest.raises(InventoryError) as caught:
        load_inventory(file)
    text = str(caught.value)
    told = [line.removeprefix(f"{tmp_path}{os.sep}") for line in text.splitlines()]
    report = "\n".join(["told:", *told])
    for expected in case["expect"]:
        assert sum(line.startswith(expected) for line in told) == 1, f"{expected}\n{report}"
    assert len(told) == len(case["expect"]), report
    for fragment in case.get("also", []):
        assert fragment in text
    assert "Winter2024" not in text, "a secret was repeated"


def test_folder_instead_of_file(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match=r"the inventory .* cannot be read: .*; give a file"):
        load_inventory(tmp_path)
