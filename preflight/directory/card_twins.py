"""Pairs of card numbers that are one card: turned byte order, decimal and hexadecimal of one number."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from preflight.directory.redaction import Samples, hidden


@dataclass(slots=True)
class Card:
    """One number, normalised, as tags of the numbers that it may stand for."""

    key: bytes
    raw: bytes  # as first written
    text: str  # redacted as soon as all tags are made
    letters: bool  # written with hexadecimal letters
    number: bytes  # read as hexadecimal
    turned: tuple[bytes, ...] = ()
    decimal: bytes | None = None  # read as decimal; None where it has letters
    decimal_turned: tuple[bytes, ...] = ()
    users: int = 1
    rewritten: bool = False  # another user has it written otherwise

    def redacted(self) -> Card:
        """Itself, without its text."""
        self.text = hidden(self.text)
        return self


@dataclass(frozen=True, slots=True)
class Twins:
    """How many pairs of each kind."""

    reversed: int
    decimal: int
    decimal_reversed: int


def find_twins(cards: Collection[Card], samples: Samples) -> Twins:
    """Count the pairs and offer samples of them.

    Where no number has letters, all are taken for decimal; else those without may be either.
    """
    any_letters = any(card.letters for card in cards)
    by_number = {card.number: card for card in cards} if any_letters else {}
    by_decimal = {card.decimal: card for card in cards if card.decimal is not None}
    mirrored: set[frozenset[bytes]] = set()
    same: set[frozenset[bytes]] = set()
    same_mirrored: set[frozenset[bytes]] = set()

    def pair(found: set[frozenset[bytes]], one: Card, other: Card | None) -> None:
        if other is not None and other.key != one.key:
            found.add(frozenset((one.key, other.key)))
            samples.offer_shown(one.key, one.text)

    for card in cards:
        for tag in card.turned if any_letters else ():
            pair(mirrored, card, by_number.get(tag))
            if card.letters:
                pair(same_mirrored, card, by_decimal.get(tag))
        for tag in card.decimal_turned:
            pair(mirrored, card, by_decimal.get(tag))
        if card.letters:
            pair(same, card, by_decimal.get(card.number))
    return Twins(len(mirrored), len(same), len(same_mirrored))
