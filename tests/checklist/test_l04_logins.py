"""L04: each user's entry in the directory has a login."""

import pytest

from preflight.checks.subject import listed
from preflight.facts.directory_fill import shown

ONE_EACH = "Have each user given a login that nobody else has, over all containers; SafeQ knows users by it."


@pytest.mark.item("L04")
def test_every_user_has_a_login_of_his_own(directory):
    """Nobody that can log in is without one: a user whom SafeQ does not know cannot print. No two are the same."""
    fill, login = directory.fill("login"), directory.attribute("login")
    logins = directory.users.logins
    directory.seen(f"{login.distinct} different ones, {login.duplicates} of them with several users")
    directory.seen(f"{logins.case_clashes} clash in case only, {logins.forbidden} have characters out of place")

    assert not fill.missing, directory.lacking(
        fill.why_none if fill.rare else f"{fill.missing} of {fill.users} users have no login ({fill.name})"
    )
    assert not login.duplicates, directory.wrong(
        f"{login.duplicates} logins stand with more than one user, {login.duplicate_users} users in all"
        + shown(login.samples),
        do=ONE_EACH,
    )
    assert not login.multi_valued, directory.wrong(f"{login.multi_valued} users have several logins", do=ONE_EACH)
    if not login.distinct_exact:
        raise directory.unknown("there are more logins than are told apart", do="Ask container by container.")
    directory.whole()
    odd = []
    if logins.case_clashes:
        odd.append(
            f"{logins.case_clashes} logins differ from another's in upper and lower case only{shown(logins.samples)}"
        )
    if logins.forbidden:
        odd.append(f"{logins.forbidden} logins have characters that do not belong there: {logins.forbidden_characters}")
    if login.control_characters:
        odd.append(f"{login.control_characters} logins have control characters")
    if login.blanks_around:
        odd.append(f"{login.blanks_around} logins begin or end with a blank")
    if odd:
        directory.remedy = (
            "Have them changed: SafeQ minds upper and lower case, and prints come with what Windows says."
        )
        directory.advise(listed(odd))
    if logins.inner_blanks or logins.not_ascii:
        directory.note(f"{logins.inner_blanks} logins have blanks inside, {logins.not_ascii} letters beyond ASCII")
