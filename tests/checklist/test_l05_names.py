"""L05: each user's entry in the directory has a first name and a surname."""

import pytest

ROLES = {"first_name": "first name", "last_name": "surname"}


@pytest.mark.item("L05")
def test_users_have_first_name_and_surname(directory):
    """Most have both: accounts of devices and services usually have no first name, so single ones are an advisory."""
    fills = {}
    for role, words in ROLES.items():
        if role not in directory.wish.declined:
            fills[words] = directory.fill(role)

    for words, fill in fills.items():
        assert not fill.rare, directory.lacking(
            f"{fill.missing} of {fill.users} users have no {words}: {fill.why_none}"
        )
    directory.needs(*ROLES)
    directory.whole()
    for words, fill in fills.items():
        if fill.missing:
            directory.advise(f"{fill.missing} of {fill.users} users have no {words} ({fill.name})")
