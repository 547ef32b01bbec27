"""Card numbers of a directory: the same card twice, ways of writing that do not go together (L07)."""

from __future__ import annotations

from preflight.facts.directory_fill import shown
from preflight.facts.remarks import Findings, Remark
from preflight.values.directory_users import AttributeSeen, CardsSeen

# Short numbers look like each other's mirror by chance. So many times what chance explains is no chance: our figure.
BEYOND_CHANCE = 4
CLEAR_UP = "Have those who run the card system clear up whose card it is."
ONE_WAY = "Settle hexadecimal or decimal and the byte order with those who run the card system, and have all alike."


def judge_cards(attribute: AttributeSeen, cards: CardsSeen) -> Findings:
    """All that is counted of cards; how many users have one is the caller's."""
    found = Findings()
    usual = sorted(cards.lengths.items(), key=lambda item: (-item[1], item[0]))
    forms = ", ".join(f"{count} of {length} digits" for length, count in usual[:5])
    found.seen.append(
        f"{cards.values} numbers ({cards.hex} hexadecimal, {cards.digits} digits alone, {cards.other} other; {forms})"
    )
    if attribute.duplicates:
        text = f"card numbers that more than one user has: {attribute.duplicates}{shown(attribute.samples)}"
        found.wrong.append(Remark(text, CLEAR_UP))
    if cards.duplicates_normalised:
        text = f"cards that stand there twice, written in different ways: {cards.duplicates_normalised}"
        found.wrong.append(Remark(text, CLEAR_UP))
    _twins(cards, found)
    if cards.mixed:
        found.wrong.append(
            Remark(f"hexadecimal and decimal numbers are mixed: about {cards.decimal_suspected} are decimal", ONE_WAY)
        )
    if cards.against_format:
        found.wrong.append(
            Remark(f"numbers that are not written as the inventory says (card): {cards.against_format}", ONE_WAY)
        )
    _writing(cards, found)
    if cards.samples:
        found.notes.append(f"cards that stand there in several ways{shown(cards.samples)}")
    if not cards.complete:
        found.unknown.append(
            Remark("there are more cards than are held against each other", "Ask container by container.")
        )
    if cards.several:
        found.notes.append(f"users with more than one card: {cards.several}")
    return found


def _twins(cards: CardsSeen, found: Findings) -> None:
    kinds = (
        (cards.reversed_twins, "the same number in the other byte order"),
        (cards.decimal_twins, "the same number in decimal and hexadecimal"),
        (cards.decimal_reversed_twins, "the same number in decimal and in hexadecimal of the other byte order"),
    )
    for pairs, what in kinds:
        if not pairs:
            continue
        text = f"pairs of cards that are {what}: {pairs}"
        if pairs > BEYOND_CHANCE * cards.twins_by_chance:
            found.wrong.append(Remark(text, ONE_WAY))
        else:
            found.notes.append(f"{text}; chance alone explains about {cards.twins_by_chance:.1f}")


def _writing(cards: CardsSeen, found: Findings) -> None:
    ways = []
    if cards.upper and cards.lower:
        ways.append(f"{cards.upper} in capital letters and {cards.lower} in small ones")
    if 0 < cards.separated < cards.values:
        ways.append(f"{cards.separated} with separators")
    if 0 < cards.prefixed < cards.values:
        ways.append(f"{cards.prefixed} with a prefix")
    if cards.other and not cards.against_format:
        ways.append(f"{cards.other} are no number at all")
    if ways:
        found.advice.append(Remark(f"cards are not written alike: {', '.join(ways)}", ONE_WAY))
    if cards.leading_zeros:
        found.notes.append(f"numbers that begin with zeros, which a reader may leave off: {cards.leading_zeros}")
