"""Fixtures of the transports' tests: a fresh sshd, and backends that are closed afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sshd import LocalSshd, why_not
from standin import Open, secrets

from preflight.topology.model import Machine
from preflight.transports.base import PreflightBackend
from preflight.transports.registry import open_backend


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[LocalSshd]:
    """A fresh sshd with an empty log."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with LocalSshd(tmp_path / "sshd") as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens backends and closes them at the end."""
    backends: list[PreflightBackend] = []

    def open_one(machine: Machine) -> PreflightBackend:
        backends.append(open_backend(machine, secrets, None))
        return backends[-1]

    yield open_one
    for backend in backends:
        backend.close()
