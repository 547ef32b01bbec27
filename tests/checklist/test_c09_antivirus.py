"""C09: the antivirus spares the folders that the product works in, and no more than these."""

import pytest

from preflight.checks.antivirus import too_wide, uncovered, wanted_folders
from preflight.checks.server import listed
from preflight.facts.antivirus import ANTIVIRUS

ATTEST = "Look at the exclusions in the product's own console with its administrator, compare them with: {}; attest it."
NARROWER = "Exempt the folders that the vendor names, not the whole product: spooled jobs should be looked at."


@pytest.mark.item("C09")
def test_the_antivirus_spares_the_busy_folders(server):
    """Defender's exclusions against the role's folders; what nobody can read here is for a person to attest."""
    antivirus, wanted = server.get(ANTIVIRUS), wanted_folders(server.site, server.machine)
    attest = ATTEST.format(listed(wanted.folders))
    others, defender = antivirus.others, antivirus.defender
    if others:
        what = listed(f"{other.product} ({other.evidence})" for other in others)
        raise server.unknown(f"{server.name} has an antivirus whose exclusions cannot be read here: {what}", do=attest)
    if defender is None:
        raise server.unknown(f"no antivirus that the suite knows is on {server.name}: which one guards it?", do=attest)
    if defender.passive:
        raise server.unknown(f"Defender on {server.name} has stepped back ({defender.mode}): for which one?", do=attest)
    if defender.guards is None:
        raise server.unknown(f"whether Defender guards files on {server.name} was not told", do=attest)
    if not defender.guards:
        what = f"Defender on {server.name} is off, and no other antivirus that the suite knows was found"
        raise server.unknown(f"{what}: which one guards it, or does none?", do=attest)
    if defender.exclusions is None:
        raise server.unknown(f"what Defender on {server.name} spares is not known: {defender.why}", do=attest)
    missing = uncovered(wanted.folders, defender.exclusions)
    server.seen(
        f"Defender guards {server.name} and spares {listed(defender.exclusions) or 'nothing'} ({defender.source})"
    )
    if wanted.ours:
        server.note("the folders to spare are the suite's own list, not the vendor's: the site has not said which")
    if missing and wanted.ours:
        raise server.unknown(
            f"Defender on {server.name} does not spare {listed(missing)}, which may not be what the vendor wants",
            do=f"Ask the vendor for this version's list, write it down: {wanted.block}, and have it set.",
        )
    assert not missing, server.wrong(f"Defender on {server.name} does not spare {listed(missing)}")
    if wide := too_wide(defender.exclusions, wanted.folders):
        server.remedy = NARROWER
        server.advise(f"Defender on {server.name} spares more than it should: {listed(wide)}")
