"""C06: the dedicated share for the installation opens on every CML node."""

import pytest

from preflight.checks.server import listed
from preflight.checks.shares import judge_share
from preflight.facts.shares import SHARES


@pytest.mark.item("C06")
def test_the_share_opens(server):
    """Name, way, login, list, and the named file; a session that cannot log in any further proves nothing."""
    judged = [judge_share(server.machine, share, server.get(SHARES)) for share in server.site.checklist.shares]
    server.seen(listed(share.text for share in judged))
    shut = [share for share in judged if share.outcome == "shut"]
    assert not shut, server.wrong(listed(share.text for share in shut), do=" ".join({share.do: 0 for share in shut}))
    unknown = [share for share in judged if share.outcome == "unknown"]
    if unknown:
        raise server.unknown(listed(share.text for share in unknown), do=" ".join({share.do: 0 for share in unknown}))
