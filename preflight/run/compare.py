"""What has changed from one run to another, by what stands of each case. Pure."""

from __future__ import annotations

from preflight.errors import RecordingError
from preflight.run.model import CaseResult, Run, moment_of
from preflight.run.model_rulings import Change, ChangeKind, Comparison
from preflight.run.steady import steady
from preflight.values.outcome import Outcome

_RULED = (Outcome.WAIVED, Outcome.ATTESTED)


def compare(before: Run, after: Run, *, accepted: bool = False) -> Comparison:
    """What `after` shows otherwise than `before`; `accepted`: `before` is the site's accepted baseline.

    A case is known by its id. What counts is its standing, so a waiver that ends is a change though the host is as it
    was. Each case of either run is exactly one of these:

    - not compared: not run in one of the two or in both, so nothing can be said;
    - new: asked now, and then absent or not applicable;
    - gone: asked then, and now absent or not applicable;
    - regressed: did not block a sign-off then, and blocks now (passed, advisory, waived ... -> failed, unverified);
    - fixed: blocked then, and was observed now not to block. A ruling that was laid over it since fixes nothing;
    - changed: another standing that is none of these, as advisory -> passed, failed -> unverified, failed -> waived;
    - changed evidence: the same standing, but another observed outcome beneath a ruling, another reason, another sight
      or another strength of the evidence, once what differs each time is left out (preflight.run.steady);
    - unchanged: all others.

    Changes stand in the order of `after`'s cases, then what is gone in the order of `before`'s.
    """
    then = {case.id: case for case in before.cases}
    now = {case.id: case for case in after.cases}
    changes: list[Change] = []
    unchanged = not_compared = 0
    for name in dict.fromkeys([*now, *then]):
        old, new = then.get(name), now.get(name)
        stood, stands = (case.standing if case else None for case in (old, new))
        if Outcome.NOT_RUN in (stood, stands):
            not_compared += 1
        elif (kind := _kind(old, new)) is None:
            unchanged += 1
        else:
            shown = now.get(name) or then[name]
            changes.append(Change(case=name, row=shown.row, kind=kind, before=stood, after=stands, reason=shown.reason))
    return Comparison(
        run_id=before.run_id,
        started=before.started,
        accepted=accepted,
        unchanged=unchanged,
        not_compared=not_compared,
        differs=differences(before, after),
        changes=tuple(changes),
    )


def differences(before: Run, after: Run) -> tuple[str, ...]:
    """What else differs between the two runs, a sentence each: an inventory or a page that changed explains changes."""
    old, new = before.catalogue, after.catalogue
    told = []
    if (old.product, old.version) != (new.product, new.version):
        told.append(f"another vendor page: {old.product} {old.version} then, {new.product} {new.version} now")
    elif old.digest != new.digest:
        told.append(f"another catalogue: revision {old.revision} then, {new.revision} now")
    if before.inventory_digest != after.inventory_digest:
        told.append("the inventory has changed")
    if before.suite_version != after.suite_version:
        told.append(f"another version of the suite: {before.suite_version} then, {after.suite_version} now")
    if (before.lab, before.scenario) != (after.lab, after.scenario):
        told.append(f"then: {_kind_of_site(before)}; now: {_kind_of_site(after)}")
    if moment_of(before) > moment_of(after):
        told.append("the first run is the younger one: what is told as then was seen after what is told as now")
    told += [f"the {name} run was partial" for name, run in (("first", before), ("second", after)) if not run.full]
    return tuple(told)


def other_site(before: Run, after: Run) -> str:
    """Why two runs are not of one site, as a sentence; empty when they are."""
    if (before.customer, before.site) != (after.customer, after.site):
        return (
            f"{before.run_id} is of {before.customer}, {before.site}; {after.run_id} of {after.customer}, {after.site}"
        )
    if (before.lab is None) != (after.lab is None):
        lab, real = (before, after) if before.lab is not None else (after, before)
        return f"{lab.run_id} is of the lab, {real.run_id} of real hosts"
    return ""


def newly_blocking(before: Run, after: Run) -> list[CaseResult]:
    """Cases that block now and were not seen to block then: regressed, new, or not run then."""
    blocked = {case.id for case in before.cases if case.standing.blocks}
    return [case for case in after.cases if case.standing.blocks and case.id not in blocked]


def worse(comparison: Comparison) -> list[Change]:
    """The changes that keep a site from being accepted which did not before: regressed, or new and blocking."""
    return [
        change
        for change in comparison.changes
        if change.kind == "regressed" or (change.kind == "new" and change.after is not None and change.after.blocks)
    ]


def must_be_one_site(before: Run, after: Run) -> None:
    """Raise RecordingError where the two runs are not of one site."""
    if said := other_site(before, after):
        raise RecordingError(f"not of one site: {said}. Compare them nevertheless by --anyway.")


def _kind(then: CaseResult | None, now: CaseResult | None) -> ChangeKind | None:
    old, new = _applicable(then), _applicable(now)
    if old is None and new is not None:
        return "new"
    if old is not None and new is None:
        return "gone"
    if then is None or now is None:  # the other did not apply: nothing was asked in either run
        return None
    if then.standing is now.standing:
        return None if _same_evidence(then, now) else "changed evidence"
    if now.standing.blocks and not then.standing.blocks:
        return "regressed"
    if then.standing.blocks and not now.standing.blocks and now.standing not in _RULED:
        return "fixed"
    return "changed"


def _applicable(case: CaseResult | None) -> CaseResult | None:
    return None if case is None or case.standing is Outcome.NOT_APPLICABLE else case


def _same_evidence(then: CaseResult, now: CaseResult) -> bool:
    if (then.outcome, then.strength) != (now.outcome, now.strength):
        return False
    pairs = ((then.reason, now.reason), (then.seen, now.seen))
    return all(old == new or steady(old) == steady(new) for old, new in pairs)


def _kind_of_site(run: Run) -> str:
    if run.lab is None:
        return "real hosts"
    return f"the lab {run.lab}" + (f", scenario {run.scenario}" if run.scenario else "")
