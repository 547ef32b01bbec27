"""Runs the acceptance suite as a user's subprocess, on a copy of the lab's inventory, and reads what it left."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warm_start import COLD, Done, run_module

CLONE = Path(__file__).resolve().parents[2]


@dataclass
class Suite:
    """A site's folder with its inventory, reports and cache."""

    folder: Path
    inventory: Path = field(init=False)
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the lab as the site."""
        self.inventory = self.folder / "inventory.yaml"
        shutil.copyfile(CLONE / "inventory.yaml", self.inventory)

    def run(self, *options: str, inventory: bool = True, cold: bool = COLD) -> Done:
        """`pytest` with options, in the clone."""
        told = [f"--inventory={self.inventory}"] if inventory else []
        env = {**os.environ, **self.env, "COLUMNS": "120", "PYTHONUTF8": "1"}
        return run_module("pytest", ["-q", *told, *options], cwd=CLONE, env=env, cold=cold)

    @property
    def runs(self) -> list[Path]:
        """Folders of all runs, oldest first."""
        return sorted(p.parent for p in (self.folder / "reports").glob("2*/run.json"))

    def last(self) -> dict[str, Any]:
        """run.json of the newest run."""
        found: dict[str, Any] = json.loads((self.runs[-1] / "run.json").read_text("utf-8"))
        return found


def preflight(suite: Suite, *words: str) -> Done:
    """`preflight` with these words, for the suite's site."""
    env = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(CLONE)}
    return run_module(
        "preflight.cli", [*words, f"--inventory={suite.inventory}"], cwd=suite.folder, env=env, timeout=60
    )
