"""The accepted run: which may be, what is kept of it, and that a changed one is noticed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from generated import ROWS, case, run_of

from preflight.errors import RecordingError
from preflight.run.baseline import BASELINE_FILE, accept, accepted_run
from preflight.run.model import Run
from preflight.run.store import RunFolder
from preflight.values.outcome import Outcome, Verdict

WHEN = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def full_run(**changes: object) -> Run:
    return run_of([(case(row, "cml1", "mfp1"), Verdict(Outcome.FAILED, "shut")) for row in ROWS], **changes)


def kept(reports: Path, run: Run, name: str = "") -> Path:
    folder = RunFolder(reports / (name or run.run_id))
    folder.path.mkdir(parents=True)
    folder.write_run(run)
    return folder.path


def test_a_full_run_is_accepted_whatever_came_out(tmp_path: Path) -> None:
    assert accepted_run(tmp_path) is None
    folder = kept(tmp_path, full_run())
    baseline, _ = accept(folder, by="Eva\u202e\x1b[1m Nová", when=WHEN, note="until the VLAN is open")
    assert accepted_run(tmp_path) == folder
    told = json.loads((tmp_path / BASELINE_FILE).read_text(encoding="utf-8"))
    assert told == baseline.model_dump()
    assert (told["run_id"], told["by"], told["when"]) == (folder.name, "Eva Nová", "2026-11-24T08:30:00.000Z")
    assert told["note"] == "until the VLAN is open"


@pytest.mark.parametrize(
    ("changes", "by", "message"),
    [
        ({"lab": "default"}, "Eva", "the lab decides nothing"),
        ({"replay_of": "20261101T000000Z-example-hq"}, "Eva", "accept the run itself: 20261101T000000Z-example-hq"),
        ({"interrupted": True}, "Eva", "partial"),
        ({"run_id": "another"}, "Eva", "not named as it is"),
        ({}, " ", "'' is nobody's name"),
        ({}, "?", r"'\?' is nobody's name; write who accepts it"),
        ({}, "\u200b-\u200b", "'-' is nobody's name"),
        ({}, "E.", "two letters at least"),
    ],
)
def test_what_cannot_be_accepted(tmp_path: Path, changes: dict[str, object], by: str, message: str) -> None:
    folder = kept(tmp_path, full_run(**changes), "20261122T235959Z-example-hq")
    with pytest.raises(RecordingError, match=message):
        accept(folder, by=by, when=WHEN)
    assert not (tmp_path / BASELINE_FILE).exists()


def test_another_sites_baseline_is_not_replaced(tmp_path: Path) -> None:
    one, two = (kept(tmp_path, full_run(run_id=name, site=site)) for name, site in (("a1", "Site A"), ("b1", "Site B")))
    accept(one, by="Eva", when=WHEN)
    before = (tmp_path / BASELINE_FILE).read_bytes()
    with pytest.raises(RecordingError, match=r"is the baseline of Example Print s\.r\.o\., Site A .a1., and b1 is of"):
        accept(two, by="Eva", when=WHEN)
    assert (tmp_path / BASELINE_FILE).read_bytes() == before
    file = one / "run.json"
    file.write_bytes(file.read_bytes() + b"\n")  # a run that was changed since is still of that site
    with pytest.raises(RecordingError, match="is the baseline of"):
        accept(two, by="Eva", when=WHEN)
    (tmp_path / BASELINE_FILE).unlink()
    accept(two, by="Eva", when=WHEN)
    assert accepted_run(tmp_path) == two


def test_a_run_that_was_changed_since_is_no_baseline_any_more(tmp_path: Path) -> None:
    folder = kept(tmp_path, full_run())
    accept(folder, by="Eva", when=WHEN)
    file = folder / "run.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"shut"', '"open"', 1), encoding="utf-8")
    with pytest.raises(RecordingError, match="was changed since Eva accepted it on 2026-11-24"):
        accepted_run(tmp_path)
    accept(folder, by="Eva", when=WHEN)
    assert accepted_run(tmp_path) == folder
    file.unlink()
    with pytest.raises(RecordingError, match="is not beside it"):
        accepted_run(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda told: told.update(run_id="../20261122T235959Z-example-hq"), "is not beside it"),
        (lambda told: told.update(sha256="none"), "sha256"),
        (lambda told: told.update(version=2), "version"),
        (lambda told: told.pop("by"), "by"),
    ],
)
def test_a_baseline_file_that_is_broken(tmp_path: Path, change: object, message: str) -> None:
    accept(kept(tmp_path, full_run()), by="Eva", when=WHEN)
    file = tmp_path / BASELINE_FILE
    told = json.loads(file.read_text(encoding="utf-8"))
    change(told)  # type: ignore[operator]
    file.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(RecordingError, match=message):
        accepted_run(tmp_path)
    file.write_text("no json", encoding="utf-8")
    with pytest.raises(RecordingError, match=r"baseline\.json"):
        accepted_run(tmp_path)
