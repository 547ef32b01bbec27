"""Which self-tests are for every day, and how they are shared out between workers that run beside each other."""

from __future__ import annotations

import os
from typing import Any

import lean_powershell
import pytest
from hypothesis import HealthCheck, settings
from sharing_out import InGroups, place_in_line

# No test here is a stopwatch: on a busy machine a first call may take many times as long as the next one.
settings.register_profile("preflight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("preflight")

for setting in lean_powershell.SETTINGS.items():
    os.environ.setdefault(*setting)

# Every test of these folders starts programs; together they take minutes, each alone a moment.
FOLDERS_OF_PROGRAMS = ("agents", "cli", "directory", "doctor", "powershell", "transports", "winrm", "wsman")
EVERYDAY = ("test_the_lab_passes_and_every_row_is_told",)  # the one end-to-end run that every day needs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts programs as slow, and put first what takes longest as a whole."""
    for item in items:
        if item.path.parent.name in FOLDERS_OF_PROGRAMS and item.name not in EVERYDAY:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: place_in_line(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> InGroups:
    """For runs in several workers."""
    return InGroups(config, log)
