"""C08: the operating system has its current security patches, and they are in force."""

import pytest

from preflight.checks.server import listed
from preflight.facts.patches import HOTFIXES, RESTART, table_entry
from preflight.facts.updates import UPDATES, named
from preflight.facts.windows import WINDOWS

BY_HAND = "Use an account with administrator rights, elevated; else look at it by hand, and attest the item."


@pytest.mark.item("C08")
def test_patches_are_current(server):
    """Build and revision against a dated table, or nothing outstanding by Windows Update itself where the site has it
    asked; no restart is pending; the last hotfix is a hint beside them."""
    windows = server.get(WINDOWS)
    restart = server.get(RESTART)
    server.seen(windows.words)
    server.seen(server.get(HOTFIXES).words(server.asked_on))
    updates = server.get(UPDATES)
    if updates.asked:
        tell = server.note if updates.untold else server.seen
        tell(updates.words)

    assert not restart.patches, server.wrong(
        f"a restart of {server.name} is pending, so patches are not in force: {listed(restart.patches)}",
        do="Restart it, look for updates once more, and run again.",
    )
    assert not updates.security, server.wrong(
        f"security updates are outstanding on {server.name} ({len(updates.security)}), by Windows Update's own answer "
        f"from {updates.source}: {named(updates.security)}"
    )
    table = server.site.checklist.patches
    if windows.revision is None:
        raise server.unknown(f"{server.name} tells no revision (UBR) beside build {windows.build}", do=BY_HAND)
    standing = table.stand("windows", (windows.build, windows.revision), server.asked_on)
    server.note(f"{standing.words}, by {table.origin}")
    assert standing.kind != "behind", server.wrong(f"build {standing.words}{updates.beside}")
    if not standing.good and (standing.outdated or not updates.clear):
        raise server.unknown(f"build {standing.words}{updates.beside}", do=table_entry(windows, server.asked_on))
    if restart.unread:
        raise server.unknown(f"whether a restart is pending could not be read: {listed(restart.unread)}", do=BY_HAND)
    if updates.others:
        server.advise(f"Windows Update has more for {server.name}, without a severity rating: {named(updates.others)}")
    if restart.renames:
        server.advise(
            f"{restart.renames} files of {server.name} are to be replaced at its next start: patches, an installer or "
            "antivirus asked for that"
        )
