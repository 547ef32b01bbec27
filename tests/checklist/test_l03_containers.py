"""L03: the DN of each container that holds users is known."""

import pytest

from preflight.checks.subject import listed
from preflight.facts.directory_fill import why_unread

READY_BLOCK = """Ask the directory's administrator where the users stand, and write it down:
directory:
  containers: ["OU=Staff,DC=corp,DC=example"]"""
GONE = ("noSuchObject", "invalidDNSyntax", "not-shown")


@pytest.mark.item("L03")
def test_each_container_is_there_and_lists_users(directory):
    """The site names them; each exists, can be listed to its end and holds users."""
    told = directory.asked
    if not directory.wish.containers:
        raise directory.unknown("the site has not named the containers with users", do=READY_BLOCK)
    if not told.containers:
        why = why_unread(told)
        raise directory.unknown(f"no container could be listed: {why.text}", do=why.do)
    gone = [c for c in told.containers if c.listed.code in GONE]
    broken = [c for c in told.containers if not c.listed.ok and c not in gone and not c.capped]
    empty = [c.dn for c in told.containers if c.listed.ok and not c.users + c.again]
    for container in told.containers:
        directory.seen(f"{container.dn}: {container.users + container.again} users")

    assert not gone, directory.wrong(
        listed(c.listed.said.rstrip(".") for c in gone), do="Correct directory.containers."
    )
    assert not empty, directory.wrong(
        f"no user stands below {listed(empty)}",
        do=f"Name the containers that hold them, or look at the filter: {told.filter}.",
    )
    assert not (told.users and told.users.complete and told.users.all_disabled), directory.wrong(
        f"all {told.users.users} users are disabled: nobody there can log in",
        do="Name the containers of those who print: directory.containers.",
    )
    if unread := [dn for dn in directory.wish.containers if dn not in {c.dn for c in told.containers}]:
        raise directory.unknown(f"nobody read {listed(unread)}", do="Run the check in a full survey.")
    if broken:
        raise directory.unknown(f"{broken[0].dn}: {broken[0].listed.said.rstrip('.')}", do=broken[0].listed.remedy)
    for container in told.containers:
        if container.capped:
            directory.note(f"{container.dn}: the directory cut the list (L11)")
        if container.inside:
            directory.note(f"{container.dn} lies in {container.inside}: its users are counted once")
        if container.referrals:
            directory.note(f"{container.dn}: further users stand on {listed(container.referred_to)}, and were not read")
    if told.users and told.users.unpaged and told.users.unpaged.capped:
        directory.note(f"a search without paging gets {told.users.unpaged.entries} users only: whoever reads must page")
