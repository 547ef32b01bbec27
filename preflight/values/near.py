"""The names that a misspelt word is nearest to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CLIP = 60  # characters of a user's word that are looked at


def near_names(word: str, candidates: Iterable[str], limit: int = 3, alike: float = 0.6) -> list[str]:
    """Up to `limit` candidates spelt like the word, best first; case is no matter. `alike`: difflib's ratio, 0 to 1."""
    by_lower: dict[str, str] = {}
    for candidate in candidates:
        by_lower.setdefault(candidate.lower(), candidate)
    found = difflib.get_close_matches(word[:CLIP].lower(), by_lower, limit, alike)
    return [by_lower[name] for name in found]
