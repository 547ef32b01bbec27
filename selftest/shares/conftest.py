"""A real file server for the tests of this folder, one a session."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "checklist"), str(HERE.parent / "powershell")]

import smb_server  # noqa: E402
from smb_server import LocalSmbd  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them start servers."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.real)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def smbd() -> Iterator[LocalSmbd]:
    """An smbd with shares that open and shares that do not."""
    reason = smb_server.why_not()
    if reason:
        pytest.skip(reason)
    # Not in pytest's own folder: that is its owner's alone, while the account that logs in has to walk to the share.
    with tempfile.TemporaryDirectory(prefix="preflight-smbd-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        with LocalSmbd(folder / "server") as server:
            yield server
