"""L07: the users' card numbers are in an attribute that the site has named."""

import pytest

from preflight.checks.subject import listed
from preflight.facts.directory_cards import judge_cards


@pytest.mark.item("L07")
def test_card_numbers_are_there_and_each_is_one_user_s(directory):
    """Users without a card are only counted: SafeQ lets them register one. All numbers are written in one way."""
    fill, card = directory.fill("card"), directory.attribute("card")

    assert card.filled, directory.wrong(f"no user has a card number: {fill.why_none}")
    found = judge_cards(card, directory.users.cards)
    directory.tell(found)
    if fill.missing:
        directory.note(f"{fill.missing} of {fill.users} users have no card ({fill.name})")
    assert not found.wrong, directory.wrong(listed(r.text for r in found.wrong), do=found.wrong[0].do)
    directory.whole()
    if found.unknown:
        raise directory.unknown(found.unknown[0].text, do=found.unknown[0].do)
