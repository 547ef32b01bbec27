"""The parts of a run that people or earlier runs add: rulings that lie over outcomes, and what has changed."""

from __future__ import annotations

from typing import Literal

from preflight.run.base import Model, Moment, Text
from preflight.values.outcome import Outcome

# overruled: cases of it block, but a closer ruling lies over them, or it is a person's word against what was observed.
RulingState = Literal["used", "unneeded", "overruled", "expired", "no case"]


class RulingResult(Model):
    """A waiver or an attestation of the site, and what it did in this run."""

    id: Text
    kind: Literal["waiver", "attestation"]
    requirement: tuple[Text, ...]  # row ids
    hosts: tuple[Text, ...]  # globs, met by either end of a flow
    source: tuple[Text, ...] = ()  # globs, where it is for flows from these only
    destination: tuple[Text, ...] = ()
    asked_by: Text
    approved_by: Text
    reason: Text
    ticket: Text = ""
    until: Text  # the last day on which it holds, in the site's time zone: YYYY-MM-DD
    ends_in_days: int  # days from the run's day to its last one, 0 on the last; negative once it has expired
    file: Text  # name and line
    state: RulingState
    cases: int  # how many cases it lies over


ChangeKind = Literal["regressed", "fixed", "new", "gone", "changed evidence", "changed"]


class Change(Model):
    """One case that is not as it was in the run that this one is compared with."""

    case: Text
    row: Text
    kind: ChangeKind
    before: Outcome | None
    after: Outcome | None
    reason: Text


class Comparison(Model):
    """What changed since an earlier run: each case of either is unchanged, not compared, or one of the changes.

    What each kind of change means stands at `preflight.run.compare.compare`.
    """

    run_id: Text
    started: Moment
    accepted: bool  # it is the site's accepted baseline; else the last full run
    unchanged: int
    not_compared: int = 0  # not run in one of the two
    differs: tuple[Text, ...] = ()  # what else is not as it was: inventory, catalogue, suite
    changes: tuple[Change, ...]
