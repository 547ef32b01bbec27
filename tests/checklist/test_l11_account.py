"""L11: an integration account may list all records and read their attributes, and a person is at hand for it."""

import pytest

from preflight.checks.subject import listed
from preflight.facts.directory_account import judge_account

READY_BLOCK = """Have a read-only account made, and write down its name and where its password is:
directory:
  user: safeq-sync@corp.example
  password: {env: LDAP_PASSWORD}"""


@pytest.mark.item("L11")
def test_the_account_lists_and_reads(directory):
    """It is let in and gets all entries with their attributes. That it may write as well is an advisory."""
    told = directory.asked
    if directory.wish.user is None:
        raise directory.unknown("the site has not named the integration account", do=READY_BLOCK)
    found = judge_account(told)
    directory.tell(found)
    directory.note("That an administrator is at hand on the day of the installation is for the site to say.")

    assert not found.wrong, directory.wrong(listed(r.text for r in found.wrong), do=found.wrong[0].do)
    if found.unknown:
        raise directory.unknown(listed(r.text for r in found.unknown), do=found.unknown[0].do)
