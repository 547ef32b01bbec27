"""A sign for each outcome, so that colour never tells it alone, and which of several outcomes is the worst."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.values.outcome import Outcome

# The worst first. A case that was not run is worse than a recommendation not met: nobody knows what it would have been.
BY_SEVERITY = (
    Outcome.FAILED,
    Outcome.UNVERIFIED,
    Outcome.NOT_RUN,
    Outcome.ADVISORY,
    Outcome.WAIVED,
    Outcome.ATTESTED,
    Outcome.PASSED,
    Outcome.NOT_APPLICABLE,
)
SIGNS = {
    Outcome.FAILED: "\u2717",
    Outcome.UNVERIFIED: "?",
    Outcome.NOT_RUN: "\u25cb",
    Outcome.ADVISORY: "!",
    Outcome.WAIVED: "W",
    Outcome.ATTESTED: "A",
    Outcome.PASSED: "\u2713",
    Outcome.NOT_APPLICABLE: "\u2013",
}
# Which of the page's colours (CSS custom properties) goes with an outcome.
COLOURS = {
    Outcome.FAILED: "bad",
    Outcome.UNVERIFIED: "warn",
    Outcome.NOT_RUN: "muted",
    Outcome.ADVISORY: "warn",
    Outcome.WAIVED: "muted",
    Outcome.ATTESTED: "muted",
    Outcome.PASSED: "ok",
    Outcome.NOT_APPLICABLE: "muted",
}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of them; not applicable where there are none."""
    return min(outcomes, key=BY_SEVERITY.index, default=Outcome.NOT_APPLICABLE)
