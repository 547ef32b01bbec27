"""Server to printer: what the servers must reach on printers and terminals (rows P01-P18)."""

import pytest

pytestmark = pytest.mark.page_section("server_to_printer")


def test_server_to_printer(flow):
    """The row holds from this source to this destination."""
    assert flow.holds, flow.story
