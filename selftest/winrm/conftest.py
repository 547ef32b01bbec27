"""One endpoint on loopback for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from winrm_ground import settings, shell_executor

from preflight.lab.wsman.server import Endpoint


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """NTLM over HTTP, one account, processes of this machine; no shell may be left at the end."""
    with Endpoint(settings(), shell_executor()) as served:
        yield served
        assert served.stats.view().shells_open == {}, "a shell was left"
