"""Card numbers: how one is written, which of them are the same card, and what chance explains."""

from __future__ import annotations

from collections import Counter

import pytest

from preflight.directory.attribute_tally import AttributeTally
from preflight.directory.card_forms import read_card, turned
from preflight.directory.card_tally import CardTally, suspected_decimal
from preflight.directory.redaction import Tagger, hidden
from preflight.topology.directory_model import CardSettings
from preflight.values.directory_users import CardsSeen


def counted(*cards: str, settings: CardSettings | None = None, most: int = 1000) -> CardsSeen:
    """These cards, one a user."""
    tagger = Tagger()
    tally = CardTally(settings or CardSettings(), tagger, most)
    attribute = AttributeTally("card", "pager", "site", tagger, most)
    for card in cards:
        tally.add(attribute.add([card.encode()], True))
    return tally.seen()


@pytest.mark.parametrize(
    ("text", "written", "body", "prefix", "separated"),
    [
        ("4A3B2C1D", "hex", "4A3B2C1D", "", False),
        ("4a3b2c1d", "hex", "4a3b2c1d", "", False),
        ("0012345678", "digits", "0012345678", "", False),
        ("04:A2:1B:3C", "hex", "04A21B3C", "", True),
        ("04 a2-1b.3c", "hex", "04a21b3c", "", True),
        ("0x4A3B2C1D", "hex", "4A3B2C1D", "0x", False),
        ("C:12345678", "digits", "12345678", "C:", False),
        ("#4A3B2C1D", "hex", "4A3B2C1D", "#", False),
        ("RFID-4A3B", "hex", "4A3B", "RFID-", False),
        (";12345678?", "other", "", "", False),
        ("Novak", "other", "", "", False),
        ("4A3B2C1", "hex", "4A3B2C1", "", False),
        ("", "other", "", "", False),
        ("A" * 65, "other", "", "", False),
    ],
)
def test_ways_of_writing(text: str, written: str, body: str, prefix: str, separated: bool) -> None:
    form = read_card(text)
    assert (form.written, form.body, form.prefix, form.separated) == (written, body, prefix, separated)


def test_a_prefix_of_the_inventory_goes_first() -> None:
    assert read_card("AB12345678", "AB").body == "12345678"
    assert read_card("AB12345678").body == "AB12345678"


@pytest.mark.parametrize(
    ("number", "own", "mirrors"),
    [
        (0x4A3B2C1D, 4, {0x1D2C3B4A}),
        (0x04A21B3C5D6E80, 7, {0x806E5D3C1BA204}),
        (0x11223311, 4, {0x11332211}),
        (0x11222211, 4, set()),  # its own mirror
        (0x3B2C1D, 3, set()),  # too short to tell
        (0x1A3B2C1D5E, 5, {0x5E1D2C3B1A, 0x5E1D2C3B1A0000}),  # its width, and the next common one
    ],
)
def test_the_other_byte_order(number: int, own: int, mirrors: set[int]) -> None:
    assert turned(number, own) == mirrors


@pytest.mark.parametrize(
    ("cards", "expected"),
    [
        (("4A3B2C1D", "1D2C3B4A"), (1, 0, 0, 0)),
        (("4A3B2C1D", str(0x4A3B2C1D)), (0, 1, 0, 0)),
        (("4A3B2C1D", str(0x1D2C3B4A)), (0, 0, 1, 0)),
        (("4A3B2C1D", "4a:3b:2c:1d", "004A3B2C1D"), (0, 0, 0, 1)),
        ((str(0x4A3B2C1D), str(0x1D2C3B4A)), (1, 0, 0, 0)),  # all decimal
        (("4A3B2C1D", "4A3B2C1D"), (0, 0, 0, 0)),  # the same text: counted as a duplicate of the attribute
        (("4A3B2C1D", "5A3B2C1D"), (0, 0, 0, 0)),
        (("12345678", "78563412"), (0, 0, 0, 0)),  # decimal: the digits' bytes say nothing
        (("ABCDEF12", "12345678", "78563412"), (1, 0, 0, 0)),  # among hexadecimal ones they do
    ],
)
def test_pairs_that_are_one_card(cards: tuple[str, ...], expected: tuple[int, int, int, int]) -> None:
    found = counted(*cards)
    told = (found.reversed_twins, found.decimal_twins, found.decimal_reversed_twins, found.duplicates_normalised)
    assert told == expected


def test_digits_alone_among_hexadecimal_ones() -> None:
    assert suspected_decimal(Counter(), Counter({10: 500})) == 0, "all decimal"
    assert suspected_decimal(Counter({8: 9767}), Counter({8: 233})) == 0, "as many as chance explains"
    assert suspected_decimal(Counter({8: 9000}), Counter({8: 1000})) == pytest.approx(785, abs=5)
    assert suspected_decimal(Counter({8: 9000}), Counter({10: 7})) == 7, "a length of their own"


@pytest.mark.parametrize(
    ("settings", "against"),
    [
        (CardSettings(), None),
        (CardSettings("hex"), 1),
        (CardSettings("decimal"), 3),
        (CardSettings("any", "", (8,)), 1),
        (CardSettings("any", "C:"), 4),
    ],
)
def test_held_against_the_inventory(settings: CardSettings, against: int | None) -> None:
    assert counted("4A3B2C1D", "AABBCCDD", "ABCD1234", "1234567890", settings=settings).against_format == against


def test_more_cards_than_are_compared() -> None:
    found = counted("4A3B2C1D", "1D2C3B4A", "AAAAAAA1", most=2)
    assert (found.complete, found.values, found.reversed_twins) == (False, 3, 1)


def test_rare_prefixes_may_be_names() -> None:
    assert counted("Novak 12345678", "Novak:4A3B2C1D", "C:1234").prefixes == {"(other)": 2, "C:": 1}
    assert counted(*["Card:1234567" + str(n) for n in range(6)]).prefixes == {"Card:": 6}


def test_nothing_of_a_value_but_its_first_character() -> None:
    assert hidden("novak") == "n**** (5)"
    assert hidden("n") == "* (1)"
    assert hidden("x" * 500) == "x" + "*" * 20 + " (500)"
    assert hidden("\x1babc") == "**** (4)"
