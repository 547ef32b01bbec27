"""C13: Windows' own LPD service is not there where SafeQ takes jobs by LPR (the Print Server role)."""

import pytest

from preflight.checks.server import listed
from preflight.facts.port_holders import holders_of
from preflight.facts.standing import LISTENERS, PRODUCT
from preflight.facts.windows_services import WINDOWS_SERVICES

LPD = "LPDSVC"
SAY = "Say whether the Print Server role is used: `features: {print_server: true}`, or false."
BY_HAND = "Run `netstat -abno` there, elevated, and see who holds TCP 515."


@pytest.mark.item("C13")
def test_the_lpd_service_is_not_there(server):
    """LPDSVC is not installed, and nobody but the product listens on TCP 515."""
    services = server.get(WINDOWS_SERVICES)
    lpd = [service for service in services if service.name.upper() == LPD]
    holders = holders_of(515, server.get(LISTENERS), services, server.get(PRODUCT))
    others = [h for h in holders if not h.ours]
    found = [*map(str, lpd), *(f"TCP 515 held by {h}" for h in others)]
    server.seen(listed(found) if found else f"{server.name} has no {LPD}, and TCP 515 is the product's or nobody's")
    if found and server.site.features.print_server == "unsaid":
        raise server.unknown(f"{listed(found)}: wrong on {server.name} if it has the Print Server role", do=SAY)
    assert not lpd, server.wrong(f"the LPD service is installed on {server.name}: {listed(found)}")
    if server.installed and others and all(h.pid is None for h in others):
        raise server.unknown(
            f"somebody listens on TCP 515 of {server.name}, and the owner could not be told", do=BY_HAND
        )
    assert not others, server.wrong(f"TCP 515 of {server.name} is held by {listed(others)}", do=BY_HAND)
