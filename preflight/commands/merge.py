"""`preflight merge RUN RUN... --out FOLDER`: shards of a site, or several sites, as one run with all its views."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from preflight.commands.recorded_runs import NAMED, add_place, folder_of
from preflight.errors import RecordingError
from preflight.report.console import show, width
from preflight.report.text import Line, fit
from preflight.values.counted import counted

HELP = "make one run out of several: parts of one site, or several sites"


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("runs", metavar="RUN", nargs="+", help=f"two or more: {NAMED}")
    parser.add_argument(
        "--out", required=True, metavar="FOLDER", help="where the merged run goes: a new or empty folder"
    )
    add_place(parser)


def run(told: argparse.Namespace, rest: Sequence[str]) -> int:
    """Write run.json and all views, and tell the parts."""
    del rest
    from preflight.report.terminal import summary_table, verdict_line
    from preflight.report.views import VIEWS, recorded
    from preflight.run.merge import merge
    from preflight.run.recorded import read_run
    from preflight.run.store import LATEST, RUN_FILE, run_bytes

    out = Path(told.out).expanduser().absolute()
    if out.name.lower() == LATEST or any((p.parent.name, p.name) == ("reports", LATEST) for p in out.parents):
        raise RecordingError(
            f"--out={told.out}: reports/{LATEST} is the link to the newest full run; name a new folder"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RecordingError(f"--out={told.out}: is there and not empty; name a new folder")
    folders = [folder_of(told, name) for name in told.runs]
    parts = [recorded(*read_run(folder)) for folder in folders]
    merged = merge([(part.run, part.sha256) for part in parts], out.name)
    content = run_bytes(merged)
    source = recorded(merged, content)
    files = {name: view(source) for name, view in VIEWS.items()} | {RUN_FILE: content}
    try:
        _write(out, files)
    except OSError as error:
        raise RecordingError(f"--out={told.out}: cannot be written: {error.strerror or error}") from error
    columns = width()
    show(summary_table(merged, columns))
    for part in merged.parts:
        total = part.counts.total
        blocking = ", ".join(f"{total[name]} {name}" for name in ("failed", "unverified") if total[name])
        told_of = f"{part.customer}, {part.site}: {counted(total['total'], 'case')} from {part.run_id}"
        show([Line(fit(told_of + (f", {blocking}" if blocking else ""), columns))])
    show([Line(fit(f"note: {note}", columns), "yellow") for note in merged.notes])
    decision = verdict_line(merged)
    show([Line(decision.text, f"{decision.style} bold".strip()), Line(f"written: {out}")])
    return 0


def _write(out: Path, files: Mapping[str, bytes]) -> None:
    """All files, or none of them: what is interrupted leaves no page that looks like a report. OSError as it comes."""
    from preflight.run.store import RunFolder

    made = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        for name, content in files.items():
            RunFolder(out).write(name, content)
    except BaseException:
        for name in files:
            with suppress(OSError):
                (out / name).unlink(missing_ok=True)
        if made:
            with suppress(OSError):
                out.rmdir()
        raise
