"""C05: the servers' addresses are settled: fixed, the planned ones, nobody else's, known by name, clocks in step."""

import pytest

from preflight.checks.node_addresses import carrier, doubles, is_dhcp
from preflight.checks.server import listed
from preflight.facts.adapters import ADAPTERS, same_address
from preflight.facts.clock import CLOCK, judge_clock, way
from preflight.facts.model import UnobservedError
from preflight.facts.node_names import NODE_NAMES, judge_names
from preflight.facts.standing import ADDRESSES, SYSTEM

FIX = "Give the adapter a fixed address; a reservation at the DHCP server is lost with that server."
MEND = "Have the records of the name service mended, forward and reverse; a device may know the server by either."
ASK = "See that the nodes reach their name servers, and run again."
SYNC = "Let all nodes take their time from the domain, and look at w32tm /query /status."
OWN = "Set the address on the host, or write the one that it has into the inventory."


@pytest.mark.item("C05")
def test_the_address_is_settled(server):
    """What the host carries against the inventory, the name service as the CML nodes see it, and their clocks."""
    mine, carried = server.machine.address, server.get(ADDRESSES)
    there = [line.address for line in carried]
    assert mine in map(same_address, there), server.wrong(f"{server.name} has {listed(there)}, not {mine}", do=OWN)
    elsewhere = server.elsewhere(ADDRESSES, "cml")
    twice = doubles(server.machine, carried, elsewhere, server.site)
    assert not twice, server.wrong(listed(twice), do="Change one of them: two machines cannot share an address.")

    nodes = (machine.name for machine in server.site.with_role("cml"))
    if silent := [name for name in nodes if name != server.name and name not in elsewhere]:
        server.note(f"the addresses of {listed(silent)} are not known, so whether one is there twice is not either")

    adapters = server.get(ADAPTERS)
    adapter = carrier(adapters, mine)
    by_dhcp = is_dhcp(adapter, mine) if adapter else None
    if by_dhcp is None:
        raise server.unknown(f"whether {mine} of {server.name} is fixed was not told", do="Look at it by hand.")
    assert not by_dhcp, server.wrong(f"{server.name} has {mine} by DHCP ({adapter.description})", do=FIX)
    if further := [a for a in adapters if a is not adapter]:
        server.note(f"further adapters of {server.name}: {listed(further)}")

    others = server.elsewhere(NODE_NAMES, "cml")
    answers = dict(others)
    try:
        answers[server.name] = server.get(NODE_NAMES)
    except UnobservedError:
        if not answers:
            raise
    naming = judge_names(mine, there, server.get(SYSTEM).hostname, answers)
    assert not naming.wrong, server.wrong(listed(naming.wrong), do=MEND)

    if not naming.settled:
        raise server.unknown(f"the name service gave no answer for {listed(naming.untold) or mine}", do=ASK)
    if naming.untold:
        server.note(f"the name service gave no answer for {listed(naming.untold)}")

    skew = server.get(CLOCK)
    server.seen(
        f"{server.name} has {mine}, fixed, as {listed(naming.names) or 'no name'}; clock {way(skew)} this machine's"
    )
    if late := judge_clock(server.name, skew, server.elsewhere(CLOCK, "cml")):
        server.remedy = SYNC
        server.advise(late)
    for doubt in naming.doubtful:
        server.remedy = f"{MEND} {server.remedy}".strip()
        server.advise(doubt)
    if naming.names and not judge_names(mine, there, server.get(SYSTEM).hostname, others).settled:
        server.note(
            f"only {server.name} itself told that {mine} is {listed(naming.names)}, and Windows answers for its own "
            f"address without asking the name service: `nslookup {mine}` on another machine tells more"
        )
