"""Loading a catalogue folder: what is wrong is said with file, line, row and field; another product needs no Python."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from preflight.catalogue.loader import load_catalogue
from preflight.errors import CatalogueError
from preflight.values.shipped_yaml import load as load_yaml

HERE = Path(__file__).parent
ACME = HERE / "acme-2"
CASES: list[dict[str, Any]] = load_yaml((HERE / "broken.yaml").read_text("utf-8"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ACME, tmp_path / "acme-2"))


def _edit(folder: Path, case: dict[str, Any]) -> None:
    path = folder / case["file"]
    text = case["put"]
    if "find" in case:
        before = path.read_text(encoding="utf-8")
        assert before.count(case["find"]) == 1, "the edit must hit exactly one place"
        text = before.replace(case["find"], case["put"])
    path.write_text(text, encoding="utf-8", newline="\n")


def _problems(folder: Path) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    lines = str(caught.value).splitlines()
    return [line.replace(f"{folder / 'x'}"[:-1], "") for line in lines]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_broken_catalogue(case: dict[str, Any], folder: Path) -> None:
    _edit(folder, case)
    assert _problems(folder) == case["says"]


def test_all_problems_at_once(folder: Path) -> None:
    """Three files, a fault in each: one load names them all."""
    for name in ("role unknown", "key misspelt", "terminal unknown"):
        _edit(folder, next(case for case in CASES if case["name"] == name))
    assert {line.split(":")[0] for line in _problems(folder)} == {
        "other.yaml",
        "server.yaml",
        "printer_to_server.yaml",
    }


def test_another_product(folder: Path) -> None:
    catalogue = load_catalogue(folder)
    assert (catalogue.product.product, catalogue.product.version, catalogue.product.revision) == ("acme", "2", 3)
    assert [row.id for row in catalogue.rows] == ["A01", "B01", "D01", "D02"]
    assert catalogue.folder == "acme-2"


def test_page_order_is_of_sections_not_of_file_names(folder: Path) -> None:
    sections = list(dict.fromkeys(row.section for row in load_catalogue(folder).rows))
    assert sections == ["server", "printer_to_server", "other"]


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no such folder"):
        load_catalogue(tmp_path / "nowhere")


def test_folder_without_product(folder: Path) -> None:
    (folder / "product.yaml").unlink()
    assert _problems(folder) == ["product.yaml:1: no such file: it names product, version, revision"]


def test_folder_without_sections(tmp_path: Path) -> None:
    (tmp_path / "product.yaml").write_bytes((ACME / "product.yaml").read_bytes())
    assert "no section file" in "".join(_problems(tmp_path))


def test_digest_minds_content_and_not_line_ends(folder: Path) -> None:
    before = load_catalogue(folder).digest
    path = folder / "server.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_catalogue(folder).digest == before
    path.write_text(path.read_text(encoding="utf-8").replace("Set the clock", "Set it"), encoding="utf-8")
    assert load_catalogue(folder).digest != before
