"""One use of `preflight attest`: ask, show what would be written, write it whole or not at all; or list."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from preflight.attest.answers import answered
from preflight.attest.listing import listed
from preflight.attest.open_cases import Site, Taken, open_groups
from preflight.attest.questions import Interview
from preflight.errors import InputError, RecordingError
from preflight.report.console import show
from preflight.report.text import Line
from preflight.rulings.append import appended, block
from preflight.rulings.drafts import Draft, free_ids
from preflight.rulings.loader import ATTESTATIONS, KEPT, read_rulings
from preflight.run.files import write_atomically
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

DONE, INTERRUPTED = 0, 2
BOM = b"\xef\xbb\xbf"


def say(text: str) -> None:
    """Print a line, or several."""
    show(Line(line) for line in text.split("\n"))


def show_rulings(site: Site, name: str | None) -> int:
    """Every waiver and attestation with its state today, and what it did in the run where there is one."""
    taken: Taken | None = None
    with suppress(RecordingError):
        taken = site.load_newest()
    if name:
        taken = site.load_run(name)
    for line in listed(site, taken.run if taken else None, _width()):
        say(line)
    if taken is not None and taken.which and site.rulings.all:
        say(f"run {taken.run.run_id} is {taken.which}")
    return DONE


def attest(site: Site, name: str | None, answers: Path | None) -> int:
    """Ask about what the run left open, and add the answers to attestations.yaml. Raises InputError."""
    taken = site.load_run(name)
    run = taken.run
    if answers is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError("there is no terminal to ask on: give the answers by --answers FILE")
    groups, gone = open_groups(run, site)
    cases = counted(sum(len(group.cases) for group in groups), "unverified case")
    say(f"run {run.run_id}: {cases} to be looked at, in {counted(len(groups), 'group')}")
    if taken.which:
        say(f"it is {taken.which}")
    if run.inventory_digest != site.topology.digest:
        say(f"the inventory has changed since that run; {gone} of its unverified cases are gone")
    if not groups and answers is None:
        say("nothing is to be attested")
        return DONE
    interview = Interview(input, say, site.today, _width(), [], {})
    try:
        if answers is not None:
            failed = frozenset(case.id for case in run.cases if case.standing is Outcome.FAILED)
            told = answered(answers, groups, site, failed)
            interview.drafts = told.drafts
            for note in told.notes:
                say(note)
        else:
            interview.about(groups)
        return _keep(site, interview.drafts, asked=answers is None)
    except (KeyboardInterrupt, EOFError):
        say("")
        if interview.drafts:
            say("interrupted, and nothing was written; what was answered until now:")
            say(block(_entries(interview.drafts, [])).rstrip())
        say(f"{ATTESTATIONS.name} is as it was")
        return INTERRUPTED


def _keep(site: Site, drafts: list[Draft], asked: bool) -> int:
    if not drafts:
        say("nothing was answered; nothing is written")
        return DONE
    path = (site.folder / ATTESTATIONS.name).resolve()
    entries = _entries(drafts, [ruling.id for ruling in site.rulings.all])
    count = counted(len(entries), "attestation")
    say(f"{count} for {path}:")
    say(block(entries).rstrip())
    if asked and input("Write? [y/N] ").strip().lower() not in ("y", "yes"):
        say("nothing is written")
        return DONE
    try:
        _write(site, path, drafts, entries)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}; it is as it was") from error
    say(f"written: {path}; the next run lays them over")
    return DONE


def _write(site: Site, path: Path, drafts: list[Draft], entries: list[dict[str, Any]]) -> None:
    """Add to what stands in the file now: somebody may have written while the questions were asked."""
    texts, raw = _read(site)
    there = read_rulings(site.folder, texts, site.topology, site.rows)
    if there.all != site.rulings.all:
        entries = _entries(drafts, [ruling.id for ruling in there.all])
        say(f"the files have changed meanwhile; the ids are {', '.join(entry['id'] for entry in entries)}")
    text = appended(texts.get(ATTESTATIONS.name, ""), entries)
    read_rulings(site.folder, {**texts, ATTESTATIONS.name: text}, site.topology, site.rows)
    if b"\r\n" in raw:
        text = text.replace("\n", "\r\n")
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    write_atomically(path, (BOM if raw.startswith(BOM) else b"") + text.encode("utf-8"))
    if mode is not None:
        with suppress(OSError):  # another owner's file in a folder that several share
            path.chmod(mode)


def _read(site: Site) -> tuple[dict[str, str], bytes]:
    """Both files as they stand now, and the bytes of attestations.yaml."""
    texts, raw = {}, b""
    for kept in KEPT:
        file = site.folder / kept.name
        if file.exists():
            content = file.read_bytes()
            texts[kept.name] = content.decode("utf-8-sig").replace("\r\n", "\n")
            raw = content if kept is ATTESTATIONS else raw
    return texts, raw


def _entries(drafts: list[Draft], taken: list[str]) -> list[dict[str, Any]]:
    names = free_ids(taken, len(drafts))
    return [draft.entry(name) for name, draft in zip(names, drafts, strict=True)]


def _width() -> int:
    return max(40, min(120, shutil.get_terminal_size((100, 24)).columns - (os.name == "nt")))
