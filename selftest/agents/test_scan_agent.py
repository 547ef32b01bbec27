"""The one agent with a call that may change a target: it is the gather agent, that call's part, and no word more."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from powershell_start import lints, powershell
from test_agent_twins import play_powershell
from test_powershell_text import AGENTS, BANNED

from preflight.agents.scripts import OPT_IN_PARTS, POWERSHELL_PARTS, agent_script, speaks

FOLDER = Path(__file__).parents[2] / "preflight" / "agents" / "optin"
PART = FOLDER / "reads_updates.ps1"
CALLS = "Invoke-CimMethod"
# Windows Update looks for updates.
CALLED = re.compile(
    r"^    \$how = @\{\n"
    r"        Namespace = 'root/Microsoft/Windows/WindowsUpdate'; ClassName = 'MSFT_WUOperations'\n"
    r"        MethodName = 'ScanForUpdates'; Arguments = @\{ SearchCriteria = \$read\['criteria'\] \}\n"
    r"    \}\n"
    rf"    try \{{ \$found = @\({CALLS} @how\) \}} catch",
    re.MULTILINE,
)


def test_what_is_sent_by_opt_in_only_is_in_no_other_agent() -> None:
    assert sorted(file.stem for file in FOLDER.glob("*.ps1")) == sorted(OPT_IN_PARTS)
    assert [name for name, parts in POWERSHELL_PARTS.items() if OPT_IN_PARTS & set(parts)] == ["scan"]
    assert not any(CALLS.encode() in agent_script(name, "powershell") for name in AGENTS)


def test_it_is_the_gather_agent_and_one_part() -> None:
    without = agent_script("scan", "powershell").decode("ascii").replace(PART.read_text(encoding="ascii") + "\n", "")
    assert without == agent_script("gather", "powershell").decode("ascii").replace("gather", "scan", 1)
    assert not speaks("python", "scan")


def test_the_one_method_that_is_called_looks_for_updates() -> None:
    """All its arguments stand as words right before the call: nothing asked of the agent can turn it into another."""
    text = PART.read_text(encoding="ascii")
    assert BANNED.findall(text) == [CALLS]
    assert len(CALLED.findall(text)) == 1


def test_nothing_else_of_it_may_change_a_target(tmp_path: Path) -> None:
    engine = powershell()
    if not lints():
        pytest.skip("this PowerShell cannot check the dialect of 5.1")
    joined = tmp_path / "scan.ps1"
    joined.write_bytes(agent_script("scan", "powershell"))
    for file in (joined, PART):
        said = subprocess.run([engine, "-Lint51", str(file)], capture_output=True, text=True, check=False)
        (finding,) = said.stdout.splitlines()
        assert finding.startswith(f"{file}:"), finding
        assert finding.endswith(f" change: {CALLS} may change the target"), finding


def test_a_read_that_is_malformed_is_a_fault() -> None:
    asked = {"do": "gather", "id": "g", "facts": ["time"], "reads": [{"kind": "updates", "name": "u", "criteria": 5}]}
    fault = {"event": "fault", "id": "g", "text": "the read 'u': the field criteria is not a text"}
    case = {"agent": "scan", "steps": [{"send": asked}, {"expect": [fault]}]}
    assert play_powershell(case, powershell(), "cs-CZ")
