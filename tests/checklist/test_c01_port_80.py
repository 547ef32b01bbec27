"""C01: TCP 80 is left to the product; a web server may be there, as long as it is silent on that port."""

import pytest

from preflight.checks.server import listed
from preflight.facts.port_holders import holders_of
from preflight.facts.standing import LISTENERS, PRODUCT
from preflight.facts.web import WEB

BY_HAND = "Run `netstat -abno` and `netsh http show servicestate` there, elevated, and see who holds TCP 80."


@pytest.mark.item("C01")
def test_port_80_is_left_to_the_product(server):
    """Nobody but the product listens on port 80; the table of listeners decides, services and reservations name."""
    web = server.get(WEB)
    holders = holders_of(80, server.get(LISTENERS), web.services, server.get(PRODUCT))
    others = [h for h in holders if not h.ours]
    for remark in web.remarks():
        server.note(remark)
    server.seen(listed(holders) if holders else f"nobody listens on TCP 80 of {server.name}")
    if server.installed and others and all(h.pid is None for h in others):
        raise server.unknown(
            f"somebody listens on TCP 80 of {server.name}, and the owner could not be told", do=BY_HAND
        )
    named = listed(f"{h}{f': {web.behind(h)}' if web.behind(h) else ''}" for h in others)
    assert not others, server.wrong(f"TCP 80 of {server.name} is held by {named}")
