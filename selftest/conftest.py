"""Which self-tests are for every day: each folder holds its own fixtures, this file only marks what takes longer."""

from __future__ import annotations

import pytest

# Every test of these folders starts programs; together they take minutes, each alone a moment.
FOLDERS_OF_PROGRAMS = ("agents", "cli", "transports")
EVERYDAY = ("test_healthy_lab",)  # the one end-to-end run that every day needs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts programs as slow, so that --quick is done within a minute."""
    for item in items:
        if item.path.parent.name in FOLDERS_OF_PROGRAMS and item.name not in EVERYDAY:
            item.add_marker(pytest.mark.slow)
