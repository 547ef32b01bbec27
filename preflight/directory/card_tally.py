"""Card numbers of all users: ways of writing, and numbers that are the same card."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from preflight.directory.attribute_tally import Value
from preflight.directory.card_forms import CardForm, read_card, turned
from preflight.directory.card_twins import Card, find_twins
from preflight.directory.redaction import Samples, Tagger
from preflight.topology.directory_model import CardSettings
from preflight.values.directory_users import CardsSeen

RARE_PREFIX = 5  # with letters and met less often, it might be part of somebody's name
MAX_PREFIXES = 10_000  # told apart


@dataclass(slots=True)
class _Counts:
    values: int = 0
    users: int = 0
    several: int = 0
    hex: int = 0
    digits: int = 0
    other: int = 0
    upper: int = 0
    lower: int = 0
    separated: int = 0
    prefixed: int = 0
    leading_zeros: int = 0
    against: int = 0
    duplicates: int = 0
    prefixes: Counter[str] = field(default_factory=Counter)
    hex_lengths: Counter[int] = field(default_factory=Counter)
    digit_lengths: Counter[int] = field(default_factory=Counter)


class CardTally:
    """Counts of all card numbers."""

    def __init__(self, settings: CardSettings, tagger: Tagger, most: int) -> None:
        self._settings = settings
        self._tagger = tagger
        self._most = most
        self._counts = _Counts()
        self._cards: dict[bytes, Card] = {}
        self._samples = Samples()
        self._complete = True

    def add(self, values: list[Value]) -> None:
        """Count the cards of one user."""
        if values:
            self._counts.users += 1
            self._counts.several += len(values) > 1
        for value in values:
            self._counts.values += 1
            form = read_card(value.text, self._settings.prefix) if value.text is not None else CardForm("other", "")
            self._form(form)
            if form.body:
                self._compare(form, value)

    def seen(self) -> CardsSeen:
        """All that was counted, and the pairs that are one card."""
        c = self._counts
        suspected = suspected_decimal(c.hex_lengths, c.digit_lengths)
        twins = find_twins(self._cards.values(), self._samples)
        lengths = c.hex_lengths + c.digit_lengths
        allowed = self._settings.lengths or tuple(c.digit_lengths)  # those of other lengths are counted already
        digits = Counter({length: c.digit_lengths[length] for length in allowed})
        against: int | None = c.against
        if self._settings.format == "hex":
            against = c.against + suspected_decimal(c.hex_lengths, digits)
        if self._settings.format == "any" and not self._settings.lengths and not self._settings.prefix:
            against = None
        return CardsSeen(
            values=c.values,
            users=c.users,
            several=c.several,
            hex=c.hex,
            digits=c.digits,
            other=c.other,
            decimal_suspected=suspected,
            mixed=bool(c.hex and suspected),
            upper=c.upper,
            lower=c.lower,
            separated=c.separated,
            prefixed=c.prefixed,
            prefixes=self._prefixes(),
            leading_zeros=c.leading_zeros,
            lengths={str(length): count for length, count in sorted(lengths.items())},
            against_format=None if against is None else min(against, c.values),
            duplicates_normalised=c.duplicates,
            reversed_twins=twins.reversed,
            decimal_twins=twins.decimal,
            decimal_reversed_twins=twins.decimal_reversed,
            twins_by_chance=round(sum(_chance(n, 16.0**k) for k, n in lengths.items() if k > 6), 4),
            samples=self._samples.told({tag: card.users for tag, card in self._cards.items()}),
            complete=self._complete,
        )

    def _form(self, form: CardForm) -> None:
        c, body = self._counts, form.body
        if form.prefix:
            c.prefixed += 1
            if form.prefix in c.prefixes or len(c.prefixes) < MAX_PREFIXES:
                c.prefixes[form.prefix] += 1
        if form.written == "other":
            c.other += 1
        elif form.written == "hex":
            c.hex += 1
            c.hex_lengths[len(body)] += 1
            c.upper += any("A" <= x <= "F" for x in body)
            c.lower += any("a" <= x <= "f" for x in body)
        else:
            c.digits += 1
            c.digit_lengths[len(body)] += 1
        c.separated += form.separated
        c.leading_zeros += len(body) > 1 and body.startswith("0")
        wanted = self._settings
        c.against += (
            form.written == "other"
            or (wanted.format == "decimal" and form.written == "hex")
            or (bool(wanted.lengths) and len(body) not in wanted.lengths)
            or form.prefix != wanted.prefix
        )

    def _compare(self, form: CardForm, value: Value) -> None:
        key = self._tagger.tag(form.normal.encode())
        card = self._cards.get(key)
        if card is not None:
            card.users += 1
            if card.raw != value.tag and not card.rewritten:
                card.rewritten = True
                self._counts.duplicates += 1
                self._samples.offer(key, value.text or "")
            return
        if len(self._cards) >= self._most:
            self._complete = False
            return
        number, tag = int(form.body, 16), self._number
        card = Card(key, value.tag, value.text or "", form.written == "hex", tag(number))
        card.turned = tuple(map(tag, turned(number, (len(form.body) + 1) // 2)))
        if form.written == "digits":
            decimal = int(form.body)
            card.decimal = tag(decimal)
            card.decimal_turned = tuple(map(tag, turned(decimal, 0)))
        self._cards[key] = card.redacted()

    def _number(self, number: int) -> bytes:
        return self._tagger.tag(b"number:%x" % number)

    def _prefixes(self) -> dict[str, int]:
        told: Counter[str] = Counter()
        for prefix, count in self._counts.prefixes.items():
            short = len(prefix) <= 2 or count >= RARE_PREFIX or prefix == self._settings.prefix
            told[prefix if short else "(other)"] += count
        return dict(told.most_common(10))


def suspected_decimal(hex_lengths: Counter[int], digit_lengths: Counter[int]) -> int:
    """How many numbers of digits alone are more than chance explains among hexadecimal ones of their length.

    A random hexadecimal number of n digits is without letters once in 1.6^n; four standard deviations are allowed.
    """
    if not hex_lengths:
        return 0
    found = 0
    for length, count in digit_lengths.items():
        bare = (10 / 16) ** length
        expected = hex_lengths[length] * bare / (1 - bare)
        if count > expected + 4 * math.sqrt(expected) + (3 if expected else 0):
            found += round(count - expected)
    return found


def _chance(count: int, space: float) -> float:
    return count * count / 2 / space
