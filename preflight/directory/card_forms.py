"""One card number: how it is written, and which numbers it may stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

MAX_DIGITS = 64
# Byte lengths of common cards: a number that lost its leading zeros is turned round in these widths, too.
_WIDTHS = (4, 7, 8, 10)
MIN_TURNED = 1 << 24  # shorter numbers are each other's mirror by chance
_SEPARATED = re.compile(r"[0-9A-Za-z]{2,}(?:[:\-. ][0-9A-Za-z]{2,})+\Z")  # C:1234 is a prefix, 04:A2 is not
_SEPARATOR = re.compile(r"[:\-. ]")
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")
# In front of a number: 0x, a short word with a sign behind it, signs, or letters that are no hexadecimal digits.
_PREFIX = re.compile(r"(0[xX]|[A-Za-z]{1,8}[:#=_\- ]|[^0-9A-Za-z]{1,4}|[G-Zg-z]{1,4})(?=.)")
Written = Literal["hex", "digits", "other"]


@dataclass(frozen=True, slots=True)
class CardForm:
    """A card number taken apart."""

    written: Written
    body: str  # hexadecimal digits as written, without prefix and separators; empty for `other`
    prefix: str = ""
    separated: bool = False

    @property
    def normal(self) -> str:
        """The same for numbers that differ in case and leading zeros only."""
        return self.body.lstrip("0").upper() or "0"


def read_card(text: str, prefix: str = "") -> CardForm:
    """Take a number apart; `prefix` is what the site says stands in front of each."""
    rest, before = text, ""
    if prefix and text.startswith(prefix):
        rest, before = text[len(prefix) :].strip(), prefix
    form = _body(rest, before)
    if form is None and not before:
        found = _PREFIX.match(rest)
        form = _body(rest[found.end() :].strip(), found[1].strip()) if found else None
    return form or CardForm("other", "", before)


def _body(text: str, prefix: str) -> CardForm | None:
    body = _SEPARATOR.sub("", text) if len(text) <= 2 * MAX_DIGITS and _SEPARATED.match(text) else text
    if not body or len(body) > MAX_DIGITS or not _HEX.match(body):
        return None
    return CardForm("digits" if body.isdigit() else "hex", body, prefix, body != text)


def turned(number: int, own_bytes: int) -> set[int]:
    """What the number is in the other byte order, in its own width and in the next common one; without itself."""
    if number < MIN_TURNED:
        return set()
    needed = (number.bit_length() + 7) // 8
    widths = {max(own_bytes, needed), next((w for w in _WIDTHS if w >= needed), needed)}
    return {int.from_bytes(number.to_bytes(w, "big"), "little") for w in widths} - {number}
