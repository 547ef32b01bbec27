"""L09: the users' e-mail addresses are in the directory."""

import pytest

from preflight.checks.subject import listed
from preflight.facts.directory_fill import shown


@pytest.mark.item("L09")
def test_users_have_an_email_address(directory):
    """Most have one that looks like one; single users without are an advisory: scans cannot be sent to them."""
    fill, emails = directory.fill("email"), directory.users.emails

    assert not fill.rare, directory.lacking(
        f"{fill.missing} of {fill.users} users have no e-mail address: {fill.why_none}"
    )
    assert emails.shaped, directory.wrong(f"nothing in {fill.name} is an e-mail address{shown(emails.samples)}")
    directory.whole()
    odd = []
    if fill.missing:
        odd.append(f"{fill.missing} of {fill.users} users have no e-mail address ({fill.name})")
    if emails.misshapen:
        odd.append(f"{emails.misshapen} are no addresses{shown(emails.samples)}")
    if emails.duplicates_folded:
        odd.append(f"{emails.duplicates_folded} addresses stand with more than one user")
    if odd:
        directory.advise(listed(odd))
