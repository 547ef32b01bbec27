"""Workstation to server: what people's machines and the host itself must reach on the servers (rows W01-W16)."""

import pytest

pytestmark = pytest.mark.page_section("workstation_to_server")


def test_workstation_to_server(flow):
    """The row holds from this source to this destination."""
    assert flow.holds, flow.story
