"""What the endpoint's tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from endpoint_lab import USERS, ToldExecutor

from preflight.lab.wsman.server import Endpoint, EndpointSettings


@pytest.fixture
def executor() -> ToldExecutor:
    """Commands under the test's hand."""
    return ToldExecutor()


@pytest.fixture
def open_endpoint(executor: ToldExecutor) -> Iterator[Callable[..., Endpoint]]:
    """Starts endpoints that are closed at the end; takes EndpointSettings' fields, or `settings` and an `executor`."""
    opened: list[Endpoint] = []

    def start(settings: EndpointSettings | None = None, runner: Any = None, **fields: Any) -> Endpoint:
        made = Endpoint(settings or EndpointSettings(**{"users": USERS, **fields}), runner or executor)
        made.start()
        opened.append(made)
        return made

    yield start
    for endpoint in opened:
        endpoint.close()


@pytest.fixture
def endpoint(open_endpoint: Callable[..., Endpoint]) -> Endpoint:
    """One that asks nobody who they are."""
    return open_endpoint(auth=frozenset())
