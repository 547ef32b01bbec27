"""Names of people who answer for something: whether one names anybody, and whether two are one."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = 2


def names_somebody(name: str) -> bool:
    """Whether a name has two letters at least: `-` and `?` stand for nobody."""
    return sum(sign.isalpha() for sign in name) >= _LETTERS


def same_person(one: str, other: str) -> bool:
    """Whether two names are one: order of words, case, forms of letters, spaces and commas tell nobody apart."""
    return _person(one) == _person(other)


def _person(name: str) -> list[str]:
    return sorted(re.split(r"[\s,]+", unicodedata.normalize("NFKC", name).casefold().strip(" ,")))
