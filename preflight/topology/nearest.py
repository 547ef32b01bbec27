"""What the user may have meant: the nearest names, as the end of a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.values.near import CLIP, near_names

SHOWN = 12  # names listed when none is near


def shown(word: object) -> str:
    """A word of the user's as a message shows it: in quotes, control characters escaped, clipped."""
    text = str(word)
    text = text if len(text) <= CLIP else text[: CLIP - 3] + "..."
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text) + "'"


def nearest(word: str, candidates: Iterable[str]) -> str:
    """`; did you mean 'cluster'?`, or the names there are, to put behind a complaint; never empty."""
    names = list(candidates)
    near = near_names(word, names)
    if near:
        return f"; did you mean {_either([shown(n) for n in near])}?"
    return f"; {listed(names)}"


def listed(names: Iterable[str]) -> str:
    """`there are: a, b, c`, cut after the first dozen."""
    all_names = list(names)
    if not all_names:
        return "there are none"
    more = f" and {len(all_names) - SHOWN} more" if len(all_names) > SHOWN else ""
    return "there are: " + ", ".join(all_names[:SHOWN]) + more


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
