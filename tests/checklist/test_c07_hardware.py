"""C07: each CML server, every node of a cluster, has the hardware that it needs."""

import pytest

from preflight.checks.hardware import block, compare
from preflight.checks.server import listed
from preflight.facts.hardware import HARDWARE
from preflight.facts.windows import WINDOWS

BY_HAND = "Use an account with administrator rights, elevated; else look at it by hand, and attest the item."


@pytest.mark.item("C07")
def test_the_hardware_is_enough(server):
    """Cores, memory, free disk and system against the site's thresholds; the vendor's figures are in no public text."""
    wanted = server.site.checklist.hardware.minimum(server.machine.roles)
    compared = compare(server.get(HARDWARE), server.get(WINDOWS), wanted, installed=server.installed)
    for words in compared.seen:
        server.seen(words)

    assert not compared.short, server.wrong(f"{server.name} has too little: {listed(compared.short)}")
    if compared.untold:
        raise server.unknown(listed(compared.untold), do=BY_HAND)
    if compared.short_of_ours:
        raise server.unknown(
            f"{listed(compared.short_of_ours)}; those figures are this suite's own, not the vendor's", do=block(server)
        )
    for words in compared.advice:
        server.advise(words)
    if wanted.ours:
        server.remedy = block(server)
        server.advise(
            f"{listed(sorted(wanted.ours))}: enough by this suite's own figures only; the inventory lacks the vendor's"
        )
