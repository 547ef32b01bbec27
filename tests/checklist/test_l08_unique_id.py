"""L08: a user ID that no two users share is in an attribute that the site has named."""

import pytest

from preflight.facts.directory_fill import shown


@pytest.mark.item("L08")
def test_every_user_has_an_id_of_his_own(directory):
    """Replication knows a user again by it: nobody that can log in is without one, and no two share one."""
    fill, found = directory.fill("id"), directory.attribute("id")
    directory.seen(f"{found.distinct} different ones, {found.duplicates} of them with several users")

    assert not fill.missing, directory.lacking(
        fill.why_none if fill.rare else f"{fill.missing} of {fill.users} users have no ID ({fill.name})"
    )
    assert not found.duplicates, directory.wrong(
        f"{found.duplicates} IDs stand with more than one user, {found.duplicate_users} users in all"
        + shown(found.samples)
    )
    assert not found.multi_valued, directory.wrong(f"{found.multi_valued} users have several values in {fill.name}")
    if not found.distinct_exact:
        raise directory.unknown("there are more IDs than are told apart", do="Ask container by container.")
    directory.whole()
    if found.named_by != "site":
        directory.remedy = directory.name_it(["id"])
        directory.advise(
            "the site has not said which attribute holds the user ID; "
            f"{fill.name} is what such a directory makes unique by itself"
        )
    if found.binary:
        directory.note(f"{fill.name} is binary: set it up so in SafeQ")
