"""Between servers: what the servers must reach on each other (rows I01-I17)."""

import pytest

pytestmark = pytest.mark.page_section("inter_server")


def test_inter_server(flow):
    """The row holds from this source to this destination."""
    assert flow.holds, flow.story
