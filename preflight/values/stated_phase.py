"""The sentence about a host that is not in the phase that --phase states, and how reports know it again."""

from __future__ import annotations

from preflight.values.case import Phase

_BEGINS = {"before": "--phase=before was stated, but ", "after": "--phase=after was stated, but "}


def disagreement(stated: Phase, host: str) -> str:
    """The reason of a case whose host was found in the other phase."""
    return f"{_BEGINS[stated]}{host} {'does not have' if stated == 'after' else 'has'} the product"


def stated_phase(reason: str) -> Phase | None:
    """The phase that was stated, where that is the reason; an expired waiver may be named before it."""
    found: list[Phase] = [phase for phase in ("before", "after") if _BEGINS[phase] in reason]
    return found[0] if found else None
