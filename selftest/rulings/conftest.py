"""Lends the rulings' tests the runs out of thin air of selftest/run, the suite of selftest/cli, and a recorded site."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

for folder in ("run", "cli"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))

from suite import Suite  # noqa: E402 - its folder has just been put on the path


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a run that left SNMP on the printers unverified: P10 and P17, six cases each."""
    suite = Suite(tmp_path_factory.mktemp("recorded"))
    suite.run("--scenario=printer-vlan-closed")
    return suite.folder


@pytest.fixture
def suite(recorded: Path, tmp_path: Path) -> Suite:
    shutil.copytree(recorded, tmp_path / "site", symlinks=True)
    inside = Suite.__new__(Suite)
    inside.folder, inside.inventory, inside.env = tmp_path / "site", tmp_path / "site" / "inventory.yaml", {}
    return inside
