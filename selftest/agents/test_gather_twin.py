"""The gather agent in PowerShell passes the recorded case of all facts, given what Windows alone has."""

from __future__ import annotations

from pathlib import Path

import pytest
from powershell_start import powershell
from runner import CASES
from test_agent_twins import load, play_powershell

NAMESPACE = Path(__file__).parents[1] / "standins" / "namespace.ps1"


@pytest.mark.parametrize("culture", ["", "cs-CZ"])
def test_every_fact_as_recorded(culture: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PWSH_STANDINS", str(NAMESPACE))
    assert play_powershell(load(CASES / "gather-all.json"), powershell(), culture)
