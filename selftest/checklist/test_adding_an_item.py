"""docs/adding-a-check.md, done: its three steps in a copy of the suite, asked of the lab and played on its rows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-check.md").read_text(encoding="utf-8")
NEEDED = ("conftest.py", "pytest.ini", "inventory.yaml", "fixtures", "preflight", "tests", "selftest/checklist")
pytestmark = pytest.mark.slow


def blocks() -> list[str]:
    """The fenced blocks of the section on checklist items, in their order."""
    section = PAGE.split("## A checklist item", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```\w+\n(.*?)```", section, re.DOTALL)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The suite with the page's item in it."""
    folder = tmp_path_factory.mktemp("suite")
    for name in NEEDED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    shutil.copy(ROOT / "selftest" / "pytest.ini", folder / "selftest")
    row, fact, test, rows, told = blocks()
    page = folder / "preflight/catalogue/safeq-5/server.yaml"
    page.write_text(page.read_text("utf-8").rstrip() + "\n\n" + row, "utf-8")
    (folder / "preflight/facts/remote_desktop.py").write_text(fact, "utf-8")
    (folder / "tests/checklist/test_c14_remote_desktop.py").write_text(test, "utf-8")
    (folder / "selftest/checklist/cases/C14.yaml").write_text(rows, "utf-8")
    (folder / "preflight/lab/told/remote_desktop.yaml").write_text(told, "utf-8")
    registry = folder / "preflight/facts/registry.py"
    line = re.search(r"`((\w+)\.\w+,)`", PAGE.split("in the list `KINDS`", 1)[1])
    assert line is not None
    text = registry.read_text("utf-8")
    text = text.replace("from preflight.facts import (\n", f"from preflight.facts import (\n    {line[2]},\n", 1)
    text = text.replace("] = (\n", f"] = (\n    {line[1]}\n", 1)
    registry.write_text(text, "utf-8")
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_lab_is_asked_and_passes(copy: Path) -> None:
    done = run(copy, "--row=C14", "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout, done.stdout


def test_its_recorded_rows_hold(copy: Path) -> None:
    done = run(copy, "-c", "selftest/pytest.ini", "selftest/checklist/test_item_cases.py", "-q", "-k", "C14")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout, done.stdout
