"""Other flows: directory, mail, database, payment and clients (rows O01-O17)."""

import pytest

pytestmark = pytest.mark.page_section("other")


def test_other(flow):
    """The row holds from this source to this destination."""
    assert flow.holds, flow.story
