"""Which runs belong together, and what has to be said of those that do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta

from preflight.errors import RecordingError
from preflight.run.model import Run, moment_of
from preflight.values.counted import counted

# Options that change what is asked, or what an answer means, and not only which cases are run.
FORCED = ("phase", "no_listeners")


def refuse(parts: Sequence[tuple[Run, str]]) -> None:
    """RecordingError where these runs, each with the digest of its run.json, are never merged."""
    runs = [run for run, _ in parts]
    if len(runs) < 2:
        raise RecordingError("name two runs or more: one alone needs no merging")
    for number, (run, digest) in enumerate(parts):
        if run.parts:
            raise RecordingError(f"{run.run_id}: is a merged run; name the runs that it was made of")
        if run.replay_of is not None:
            raise RecordingError(
                f"{run.run_id}: is a replay, which asked nobody; name the run that it judged again: {run.replay_of}"
            )
        if digest in [other for _, other in parts[:number]]:
            raise RecordingError(f"{run.run_id}: is named twice")
    first = runs[0]
    for run in runs[1:]:
        if (run.lab is None) != (first.lab is None):
            lab, real = (run, first) if run.lab is not None else (first, run)
            raise RecordingError(f"{lab.run_id} is of the lab and {real.run_id} of real hosts: they are never merged")
        if run.catalogue.digest != first.catalogue.digest:
            raise RecordingError(
                f"{run.run_id} and {first.run_id} were made from different catalogues (revisions "
                f"{run.catalogue.revision} and {first.catalogue.revision}): run the older one again"
            )


def refuse_strangers(shards: Sequence[Run]) -> None:
    """RecordingError where these runs of one site are no parts of one run."""
    first = shards[0]
    for run in shards[1:]:
        if run.inventory_digest != first.inventory_digest:
            raise RecordingError(
                f"{run.run_id} and {first.run_id} are of one site, {run.site}, but its inventory changed between them: "
                "they are no parts of one run"
            )
        if (run.lab, run.scenario) != (first.lab, first.scenario):
            raise RecordingError(f"{run.run_id} and {first.run_id} are of different scenarios of the lab")
        for name in FORCED:
            if run.selection.get(name) != first.selection.get(name):
                ways = f"{_given(run, name)}, {_given(first, name)}"
                raise RecordingError(
                    f"{run.run_id} and {first.run_id} were asked otherwise ({ways}): run one of them again as the other"
                )


def forced_told(runs: Sequence[Run]) -> list[str]:
    """Notes on sites that were asked otherwise than others: the merged run's `selection` cannot say it."""
    told = []
    for name in FORCED:
        ways = {f"{run.customer}, {run.site}": _given(run, name) for run in runs}
        if len(set(ways.values())) > 1:
            told.append("not all sites were asked alike: " + "; ".join(f"{site}: {way}" for site, way in ways.items()))
    return told


def ages_told(runs: Sequence[Run]) -> list[str]:
    """A note where more than a day lies between the parts: what the older saw may have changed since."""
    first, last = min(runs, key=moment_of), max(runs, key=moment_of)
    apart = moment_of(last) - moment_of(first)
    if apart <= timedelta(days=1):
        return []
    return [
        f"the parts lie {counted(apart.days, 'day')} apart: {first.run_id} of "
        f"{_minute(first)}, {last.run_id} of {_minute(last)}; what the older ones saw may have changed since"
    ]


def _given(run: Run, name: str) -> str:
    option = f"--{name.replace('_', '-')}"
    value = run.selection.get(name)
    if value is None:
        return f"without {option}"
    return option if value == "yes" else f"{option}={value}"


def _minute(run: Run) -> str:
    return f"{moment_of(run).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
