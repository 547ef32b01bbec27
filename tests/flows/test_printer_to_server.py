"""Printer to server: what printers, terminals and card readers must reach on the servers (rows S01-S15)."""

import pytest

pytestmark = pytest.mark.page_section("printer_to_server")


def test_printer_to_server(flow):
    """The row holds from this source to this destination."""
    assert flow.holds, flow.story
