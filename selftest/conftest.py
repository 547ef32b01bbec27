"""Which self-tests are for every day, and which may run beside each other: folders hold their own fixtures."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# No test here is a stopwatch: on a busy machine a first call may take many times as long as the next one.
settings.register_profile("preflight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("preflight")

# Every test of these folders starts programs; together they take minutes, each alone a moment.
FOLDERS_OF_PROGRAMS = ("agents", "cli", "directory", "doctor", "powershell", "transports", "winrm", "wsman")
EVERYDAY = ("test_healthy_lab",)  # the one end-to-end run that every day needs
# Their namespaces and bridges have names that the whole machine sees: one worker has them all.
ON_NAMESPACES = ("netlab", "truth")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts programs as slow, and say what must stay in one worker: files whole, namespaces together."""
    for item in items:
        folder = item.path.parent.name
        if folder in FOLDERS_OF_PROGRAMS and item.name not in EVERYDAY:
            item.add_marker(pytest.mark.slow)
        group = "namespaces" if folder in ON_NAMESPACES else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
