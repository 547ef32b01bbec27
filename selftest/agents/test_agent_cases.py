"""The Python agents held to the recorded cases of the contract."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from agent_start import pythons
from runner import CASES, run_case

from preflight.agents.scripts import agent_script, bootstrap_command

FILES = sorted(CASES.glob("*.json"))


@pytest.mark.parametrize("python", pythons(), ids=lambda path: Path(path).name)
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_agent_says_what_the_case_records(file: Path, python: str) -> None:
    case = json.loads(file.read_text(encoding="utf-8"))
    if sys.platform not in case.get("systems", [sys.platform]):
        pytest.skip(f"recorded for {', '.join(case['systems'])}")
    if case["agent"] == "gather" and file.stem == "gather-all" and sys.platform != "linux":
        pytest.skip("the Python agent reads sockets on Linux only")
    script = agent_script(case["agent"])
    run_case(case, bootstrap_command(python, script), script)
