"""Where a PowerShell is found, and how the tests start the PowerShell agents: by the same bootstrap as on a host."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[3] / "shared" / "tools" / "pwsh"


def find_powershell() -> str | None:
    """A PowerShell engine: the one beside the checkout, else one on the PATH."""
    return str(ENGINE) if os.access(ENGINE, os.X_OK) else shutil.which("pwsh")


def powershell() -> str:
    """As find_powershell; without one the test is skipped."""
    found = find_powershell()
    if found is None:
        pytest.skip("no PowerShell beside the checkout and no pwsh on the PATH")
    return found


def lints() -> bool:
    """Whether the engine here can check the dialect of 5.1."""
    return find_powershell() == str(ENGINE)
