"""C04: no software on the server but the system's own, the product, and what the vendor has agreed to."""

import pytest

from preflight.checks.server import listed
from preflight.facts.software import SOFTWARE
from preflight.facts.software_judged import judge_software, ready_block

BY_HAND = "Let the account read all of the list (administrator, elevated), or look through it, and attest the item."
NO_LIST = "The inventory has no list of agreed software (checklist.software)"


@pytest.mark.item("C04")
def test_no_software_but_what_is_agreed(server):
    """Installed software against the site's list; what Windows, drivers and runtimes bring passes by a list of ours."""
    software, agreed = server.get(SOFTWARE), server.site.checklist.software
    found = judge_software(software, agreed or ())
    server.seen(
        f"{len(software.programs)} programs on {server.name}: {len(found.product)} of the product, {len(found.agreed)} "
        f"agreed, {len(found.ours)} let pass by the suite's own list, {len(found.open)} left"
    )
    if found.ours:
        server.note(f"let pass by the suite's own list, not the vendor's: {listed(found.ours)}")
    if found.product and not server.installed:
        server.note(f"the product's, not judged here but by C10: {listed(found.product)}")
    do = (
        "Uninstall it, or get the vendor's agreement and write down where it stands (the ? is yours to fill in): "
        f"{ready_block(found.open)}"
    )
    if found.open and agreed is None:
        raise server.unknown(f"{NO_LIST}, and {server.name} has {listed(found.open)}", do=do)
    strange = [f"another version than was agreed: {listed(found.other_version)}"] if found.other_version else []
    strange += [f"software that nobody agreed to: {listed(found.left)}"] if found.left else []
    assert not found.open, server.wrong(f"{server.name} has {'; '.join(strange)}", do=do)
    if software.untold:
        raise server.unknown(software.untold, do=BY_HAND)
