"""Numbers with their nouns, as sentences say them."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 case`, `2 cases`, `0 cases`; `plural` where it is not made by an s."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
