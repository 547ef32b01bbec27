"""C10: no database that is not meant for SafeQ, no other print solution, no remains of an earlier SafeQ."""

import pytest

from preflight.checks.interfering import interference
from preflight.checks.server import listed
from preflight.facts.databases import DATABASES
from preflight.facts.print_products import PRINT_PRODUCTS
from preflight.facts.remains import REMAINS

WHICH = "If that is an earlier installation, remove it; if it is the one that is tested, start its services."

BY_HAND = "Look through the list of installed programs by hand, and attest the item; or let the account read it."

LISTENING = "Look which programs listen (netstat -ab), and attest the item; or let the account see them: elevated."


@pytest.mark.item("C10")
def test_nothing_interferes(server):
    """What was found stands with its evidence; the product's own services, folders and database are no findings."""
    remains = server.get(REMAINS)
    present = server.get(PRINT_PRODUCTS)
    databases = server.get(DATABASES)
    found = interference(databases, present, remains, server.site, server.machine)
    for remark in found.remarks:
        server.note(remark)
    everything = [*found.wrong, *found.doubtful]
    server.seen(listed(everything) or f"no other database, print solution or earlier SafeQ on {server.name}")
    assert not found.wrong, server.wrong(f"{server.name} has what interferes: {listed(everything)}", do=found.remedy)
    if found.doubtful:
        raise server.unknown(f"{server.name} may have what interferes: {listed(found.doubtful)}", do=found.remedy)
    if databases.unseen:
        raise server.unknown(databases.unseen, do=LISTENING)
    if present.untold:
        raise server.unknown(present.untold, do=BY_HAND)
    if remains.idle:
        idle = listed([str(part) for part in remains.idle])
        raise server.unknown(f"services of SafeQ are on {server.name}, and none of them runs: {idle}", do=WHICH)
    if remains.unused and remains.installed:
        server.advise(f"none of the product's services lies in {listed(remains.unused)}: an earlier installation's?")
