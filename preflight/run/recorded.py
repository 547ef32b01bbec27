"""Finds a recorded run and reads it back, for --replay and `preflight report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from preflight.errors import RecordingError
from preflight.run.clean import clean_text
from preflight.run.model import Run
from preflight.run.store import LATEST, OBSERVATIONS_FILE, RUN_FILE
from preflight.values.near import near_names

_BEGINNING, _ALIKE = 8, 0.75  # of an id: the letters that tell it (its day), and how much of it must be right

# What a replay may tell differently: when it ran, where, under which name and command. And `comparison`: it says what
# changed since another run that lay in reports/ at that time. A replay has no such run, so it compares with none;
# carrying the old one over would put sentences about verdicts beside verdicts that may have been judged otherwise.
TIME_DEPENDENT = frozenset(
    {"started", "finished", "duration_s", "run_id", "replay_of", "command", "controller", "comparison"}
)


def resolve_run(reports_dir: Path, name_or_path: str, *, replayable: bool = True) -> Path:
    """The folder of a recorded run, by "latest", its id, or a path to it or to its run.json; RecordingError.

    `replayable` False: run.json is enough, as for views and comparisons; merged runs hold no observations.
    """
    given = name_or_path.strip()
    if given == LATEST:
        folder = _latest(reports_dir)
    elif given and given not in (".", "..") and not set(given) & set("/\\:") and (reports_dir / given).is_dir():
        folder = reports_dir / given
    else:
        folder = Path(given).expanduser()
        if folder.name == RUN_FILE:
            folder = folder.parent
    if given and folder.is_file():
        yaml = folder.suffix.lower() in (".yaml", ".yml")
        instead = f"an inventory is given by --inventory={given}" if yaml else f"name a run's folder or its {RUN_FILE}"
        raise RecordingError(f"{folder}: is a file and no recorded run; {instead}")
    if not given or not folder.is_dir():
        near = _near(folder.name, reports_dir) if given else ""
        raise RecordingError(
            f"no recorded run {name_or_path!r}: it is no folder{near or ', and'} {_known(reports_dir)}"
        )
    for name in (RUN_FILE, OBSERVATIONS_FILE) if replayable else (RUN_FILE,):
        if not (folder / name).is_file():
            raise RecordingError(f"{folder}: is no recorded run, it holds no {name}{_runs_in(folder)}")
    return folder.resolve()


def newest_runs(reports_dir: Path) -> tuple[Run, Run | None]:
    """The newest run in which hosts were asked, and the newest full one of its site (None: there is none).

    RecordingError where there is no run at all, or the newest does not load.
    """
    newest: Run | None = None
    for file in sorted(reports_dir.glob(f"[0-9]*/{RUN_FILE}"), key=lambda file: file.parent.name, reverse=True):
        try:
            run = load_run(file.parent)
        except RecordingError:
            if newest is None:
                raise
            continue  # an older suite wrote it
        if run.replay_of is not None or run.parts:  # judged again, or merged out of others
            continue
        newest = newest or run
        if run.full and (run.customer, run.site) == (newest.customer, newest.site):
            return newest, run
    if newest is None:
        raise RecordingError(f"no run was kept yet: {_known(reports_dir)}")
    return newest, None


def load_run(folder: Path) -> Run:
    """The run of a folder; RecordingError when its run.json is missing, broken, or of another version."""
    return read_run(folder)[0]


def read_run(folder: Path) -> tuple[Run, bytes]:
    """The run of a folder, and the bytes that it was read from; RecordingError as `load_run`."""
    file = folder / RUN_FILE
    try:
        content = file.read_bytes()
        return Run.model_validate_json(content), content
    except OSError as error:
        raise RecordingError(f"{file}: cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        problem = first["msg"]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise RecordingError(f"{file}: {clean_text(f'{where}: {problem}')}") from error


def comparable(run: Run) -> dict[str, Any]:
    """The run as JSON values without what depends on the time: what a replay must reproduce exactly."""
    return run.model_dump(mode="json", exclude=set(TIME_DEPENDENT))


def _latest(reports_dir: Path) -> Path:
    latest = reports_dir / LATEST
    if latest.is_file():
        try:
            name = latest.read_text(encoding="utf-8")[:300].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise RecordingError(f"{latest}: cannot be read: {error}") from error
        if not name or set(name) & set("/\\:") or not (reports_dir / name).is_dir():
            raise RecordingError(f"{latest}: names no run beside it ({name!r})")
        return reports_dir / name
    if not latest.is_dir():
        raise RecordingError(f"no run was kept as {latest} yet: {_known(reports_dir)}")
    return latest


def _known(reports_dir: Path) -> str:
    return f"{reports_dir} holds {_newest(_ids(reports_dir))}"


def _newest(names: list[str]) -> str:
    more = f" and {len(names) - 3} older" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}" if names else "none"


def _ids(reports_dir: Path) -> list[str]:
    """The runs in a folder, the newest first."""
    names = sorted((path.parent.name for path in reports_dir.glob(f"*/{RUN_FILE}")), reverse=True)
    return [name for name in names if name != LATEST]


def _near(name: str, reports_dir: Path) -> str:
    """`; did you mean '...'?`: the newest run that begins so, else the one that is spelt like it; empty: none is."""
    names = _ids(reports_dir)
    begun = [each for each in names if len(name) >= _BEGINNING and each.lower().startswith(name.lower())]
    near = begun[:1] or near_names(name, [*names, LATEST], 1, _ALIKE)
    return f"; did you mean {near[0]!r}?" if near else ""


def _runs_in(folder: Path) -> str:
    """What to name instead of a folder that only holds runs, or of a site's folder; empty: it holds none."""
    for where, said in ((folder, "it"), (folder / "reports", str(folder / "reports"))):
        if names := _ids(where):
            return f"; {said} holds {_newest(names)}: name one of them"
    return ""
