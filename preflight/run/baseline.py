"""The accepted run of a site, against which later runs are compared: reports/baseline.json."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from preflight.errors import RecordingError
from preflight.run.base import Model, Moment, Text
from preflight.run.build import utc_text
from preflight.run.clean import clean_text
from preflight.run.files import write_atomically
from preflight.run.model import Run
from preflight.run.recorded import load_run
from preflight.run.store import LATEST, RUN_FILE
from preflight.values.people import names_somebody

BASELINE_FILE = "baseline.json"


class Baseline(Model):
    """Which run was accepted, by whom, and what its run.json held then."""

    version: Literal[1] = 1
    run_id: Text
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # of its run.json
    by: Text
    when: Moment
    note: Text = ""


def accept(folder: Path, *, by: str, when: datetime, note: str = "") -> tuple[Baseline, Run]:
    """Make the run in this folder the baseline of the reports/ that it lies in.

    RecordingError when it is none to be accepted: a partial run, one of the lab, a replay, or nobody's name is given.
    Also when the baseline there is of another site, whose inventory shares this reports/: it would be lost silently.
    """
    run = load_run(folder)
    why = ""
    if run.lab is not None:
        why = "it is a lab run, and the lab decides nothing"
    elif run.replay_of is not None:
        why = f"it is a replay; accept the run itself: {run.replay_of}"
    elif not run.full:
        why = "it is partial: something was left out, or it was interrupted"
    elif run.run_id != folder.name or folder.name == LATEST:
        why = f"its folder is not named as it is ({run.run_id})"
    if why:
        raise RecordingError(f"{folder}: cannot be accepted: {why}")
    if not names_somebody(clean_text(by)):
        raise RecordingError(
            f"--by: {clean_text(by).strip()!r} is nobody's name; write who accepts it, with two letters at least"
        )
    _refuse_other_site(folder.parent, run)
    baseline = Baseline(run_id=run.run_id, sha256=_digest(folder), by=by, when=utc_text(when), note=note)
    write_atomically(folder.parent / BASELINE_FILE, baseline.model_dump_json(indent=1).encode() + b"\n")
    return baseline, run


def accepted_run(reports_dir: Path) -> Path | None:
    """The folder of the accepted run, None where none was accepted.

    RecordingError when baseline.json is broken, when its run is gone, or when that run.json was changed since.
    """
    file = reports_dir / BASELINE_FILE
    if not file.is_file():
        return None
    baseline = _read(file)
    again = f"Accept a run again (preflight accept RUN --by NAME), or remove {file}."
    folder = reports_dir / baseline.run_id
    if not _is_beside(baseline, reports_dir):
        raise RecordingError(f"{file}: the accepted run {baseline.run_id!r} is not beside it. {again}")
    if _digest(folder) != baseline.sha256:
        raise RecordingError(
            f"{folder / RUN_FILE}: was changed since {baseline.by} accepted it on {baseline.when[:10]} (its SHA-256 is "
            f"not that of {BASELINE_FILE}), so nothing can be compared with it. {again}"
        )
    return folder


def _read(file: Path) -> Baseline:
    try:
        return Baseline.model_validate_json(file.read_bytes())
    except OSError as error:
        raise RecordingError(f"{file}: cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        problem = first["msg"]
        raise RecordingError(f"{file}: {clean_text(f'{where}: {problem}')}") from error


def _is_beside(baseline: Baseline, reports_dir: Path) -> bool:
    return not set(baseline.run_id) & set("/\\:") and (reports_dir / baseline.run_id / RUN_FILE).is_file()


def _refuse_other_site(reports_dir: Path, run: Run) -> None:
    file = reports_dir / BASELINE_FILE
    try:
        baseline = _read(file)
        if not _is_beside(baseline, reports_dir):
            return
        before = load_run(reports_dir / baseline.run_id)
    except RecordingError:  # none, or one that is broken: accepting a run is how that is mended
        return
    if (before.customer, before.site) != (run.customer, run.site):
        raise RecordingError(
            f"{file}: is the baseline of {before.customer}, {before.site} ({before.run_id}), and {run.run_id} is of "
            f"{run.customer}, {run.site}; reports/ holds one baseline. Give each site's inventory a folder of its own, "
            f"or remove {file} to give up that baseline."
        )


def _digest(folder: Path) -> str:
    file = folder / RUN_FILE
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RecordingError(f"{file}: cannot be read: {error.strerror or error}") from error
