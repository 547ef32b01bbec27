"""Installing a cluster: what the nodes need of each other while a cluster is installed (rows K01-K03)."""

import pytest

pytestmark = pytest.mark.page_section("cluster_installation")


def test_cluster_installation(flow):
    """The row holds from this source to this destination."""
    assert flow.holds, flow.story
