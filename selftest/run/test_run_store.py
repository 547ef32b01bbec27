"""Run folders: names, latest, finding them again, copies of the input."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from generated import ROWS, case, run_of

from preflight.errors import RecordingError
from preflight.run.baseline import accepted_run
from preflight.run.files import write_atomically
from preflight.run.recorded import load_run, resolve_run
from preflight.run.store import RunFolder, move_latest, new_run_folder, slug
from preflight.values.observation import Observations
from preflight.values.outcome import Outcome, Verdict

WHEN = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
RUN = run_of([(case(row, "cml1", "mfp1"), Verdict(Outcome.PASSED, "heard")) for row in ROWS], customer="Žluťoučký")


def recorded(reports: Path, site: str = "Example HQ") -> RunFolder:
    folder = new_run_folder(reports, site, WHEN)
    folder.write_run(RUN)
    folder.write_observations(Observations())
    return folder


def test_two_runs_in_one_second_are_two_folders(tmp_path: Path) -> None:
    names = [new_run_folder(tmp_path / "reports", "Example HQ", WHEN).run_id for _ in range(3)]
    stem = "20261122T235959Z-example-hq"
    assert names == [stem, f"{stem}-2", f"{stem}-3"]


@pytest.mark.parametrize(
    ("site", "name"),
    [
        ("Žďár nad Sázavou", "zdar-nad-sazavou"),
        ("../../etc", "etc"),
        ("\u4e2d\u6587", "site"),
        ("a" * 90, "a" * 40),
        ("", "site"),
    ],
)
def test_slugs(site: str, name: str) -> None:
    assert slug(site) == name


def test_a_run_is_read_back(tmp_path: Path) -> None:
    folder = recorded(tmp_path)
    assert load_run(folder.path) == RUN
    assert folder.read_observations() == Observations()
    assert "Žluťoučký" in (folder.path / "run.json").read_text(encoding="utf-8")


def test_latest_moves_and_an_id_or_a_path_find_a_run_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = recorded(tmp_path / "reports"), recorded(tmp_path / "reports")
    for folder in (one, two, one):
        move_latest(tmp_path / "reports", folder)
        assert resolve_run(tmp_path / "reports", "latest") == folder.path.resolve()
    assert resolve_run(tmp_path / "reports", two.run_id) == two.path.resolve()
    assert resolve_run(tmp_path / "elsewhere", str(two.path)) == two.path.resolve()
    assert resolve_run(tmp_path / "elsewhere", str(two.path / "run.json")) == two.path.resolve()
    monkeypatch.chdir(tmp_path)
    assert resolve_run(tmp_path / "elsewhere", f"reports/{two.run_id}") == two.path.resolve()
    assert [path.name for path in (tmp_path / "reports").iterdir() if path.name.endswith(".tmp")] == []


def test_the_whole_reports_folder_may_be_moved(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "reports")
    move_latest(tmp_path / "reports", folder)
    (tmp_path / "reports").rename(tmp_path / "kept")
    assert resolve_run(tmp_path / "kept", "latest") == (tmp_path / "kept" / folder.run_id).resolve()


def test_where_links_are_refused_latest_is_a_text_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = recorded(tmp_path), recorded(tmp_path)
    move_latest(tmp_path, one)

    def refused(*_: object, **__: object) -> None:
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refused)
    move_latest(tmp_path, two)
    assert (tmp_path / "latest").read_text(encoding="utf-8").strip() == two.run_id
    assert resolve_run(tmp_path, "latest") == two.path.resolve()
    monkeypatch.undo()
    move_latest(tmp_path, one)
    assert resolve_run(tmp_path, "latest") == one.path.resolve()


def test_a_real_folder_named_latest_is_left_alone(tmp_path: Path) -> None:
    folder = recorded(tmp_path)
    (tmp_path / "latest").mkdir()
    (tmp_path / "latest" / "mine.txt").touch()
    with pytest.raises(RecordingError, match="left alone"):
        move_latest(tmp_path, folder)
    assert (tmp_path / "latest" / "mine.txt").exists()


@pytest.mark.parametrize("name", ["latest", "nothing", "", "..", "../x"])
def test_runs_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder = recorded(tmp_path / "reports")
    monkeypatch.chdir(tmp_path / "reports")
    with pytest.raises(RecordingError, match=r"no run\.json" if name == ".." else rf"^no .* holds {folder.run_id}$"):
        resolve_run(tmp_path / "reports", name)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("20261122T235959Z-example-hp", "; did you mean '20261122T235959Z-example-hq'?"),
        ("20261122t2359", "; did you mean '20261122T235959Z-example-hq-5'?"),
        ("reports/20261122T23595Z-example-hq", "; did you mean '20261122T235959Z-example-hq'?"),
        ("lastest", "; did you mean 'latest'?"),
        ("2019", "holds 20261122T235959Z-example-hq-5, 20261122T235959Z-example-hq-4"),
    ],
)
def test_a_misspelt_run_is_told_the_nearest(tmp_path: Path, given: str, said: str) -> None:
    for _ in range(5):
        recorded(tmp_path / "reports")
    with pytest.raises(RecordingError, match=re.escape(said)) as caught:
        resolve_run(tmp_path / "reports", given)
    assert f"{tmp_path / 'reports'} holds " in str(caught.value), "the newest are there in any case"
    assert ("did you mean" in str(caught.value)) == ("did you mean" in said)


def test_an_inventory_or_a_folder_in_the_place_of_a_run(tmp_path: Path) -> None:
    site = tmp_path / "acme"
    folder = recorded(site / "reports")
    inventory = site / "inventory.yaml"
    inventory.touch()
    for given, said in (
        (inventory, f"is a file and no recorded run; an inventory is given by --inventory={inventory}"),
        (site / "reports", f"is no recorded run, it holds no run.json; it holds {folder.run_id}: name one of them"),
        (site, f"is no recorded run, it holds no run.json; {site / 'reports'} holds {folder.run_id}: name one of them"),
        (folder.path / "observations.json", "is a file and no recorded run; name a run's folder or its run.json"),
    ):
        with pytest.raises(RecordingError, match=re.escape(said)):
            resolve_run(tmp_path / "elsewhere", str(given))


@pytest.mark.parametrize("name", ["../outside", "C:outside", "gone", ""])
def test_a_latest_file_may_name_a_run_beside_it_only(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").mkdir()
    recorded(tmp_path / "reports")
    (tmp_path / "reports" / "latest").write_text(name, encoding="utf-8")
    with pytest.raises(RecordingError, match="names no run"):
        resolve_run(tmp_path / "reports", "latest")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:-20], "Invalid JSON"),
        (lambda text: text.replace('"schema_version": 2', '"schema_version": 1'), "schema_version"),
        (lambda text: text.replace('"customer"', '"client"'), "customer"),
        (lambda _: "{}", "Field required"),
    ],
)
def test_a_run_file_that_is_broken_or_of_another_version(tmp_path: Path, change: object, message: str) -> None:
    folder = recorded(tmp_path)
    file = folder.path / "run.json"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")  # type: ignore[operator]
    with pytest.raises(RecordingError, match=message):
        load_run(folder.path)


def test_a_foreign_file_writes_nothing_onto_the_terminal(tmp_path: Path) -> None:
    """Names of fields are in messages, and whoever sent the folder chose them."""
    folder, evil = recorded(tmp_path), "\x1b]0;owned\x07x"
    file = folder.path / "run.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**content, evil: 1}), encoding="utf-8")
    kept = folder.path / "observations.json"
    seen = json.loads(kept.read_text(encoding="utf-8"))
    seen["observations"]["hosts"] = {evil: 1}
    kept.write_text(json.dumps(seen), encoding="utf-8")
    (tmp_path / "baseline.json").write_text(json.dumps({evil: 1, "version": 1}), encoding="utf-8")
    for read in (lambda: load_run(folder.path), folder.read_observations, lambda: accepted_run(tmp_path)):
        with pytest.raises(RecordingError) as raised:
            read()
        assert str(raised.value).isprintable()


@pytest.mark.parametrize("name", ["site[1].yaml", "a[bc].yaml", "what?.yaml"])
def test_an_inventory_of_any_name_is_found_again(tmp_path: Path, name: str) -> None:
    folder = recorded(tmp_path)
    copy = folder.path / "input" / name
    copy.parent.mkdir()
    copy.touch()
    (copy.parent / "site1.yaml").touch()
    assert folder.inventory(name) == copy


def test_a_folder_without_observations_is_no_recorded_run(tmp_path: Path) -> None:
    folder = recorded(tmp_path)
    (folder.path / "observations.json").unlink()
    with pytest.raises(RecordingError, match=r"no observations\.json"):
        resolve_run(tmp_path, folder.run_id)


def test_input_keeps_its_places(tmp_path: Path) -> None:
    site, shared = tmp_path / "customer" / "site", tmp_path / "customer" / "shared"
    site.mkdir(parents=True)
    shared.mkdir()
    (site / "hq.yaml").write_text("customer: x", encoding="utf-8")
    (shared / "printers.csv").write_text("name;address", encoding="utf-8")
    folder = new_run_folder(tmp_path / "reports", "hq", WHEN)
    copy = folder.copy_input(site / "hq.yaml", [shared / "printers.csv"])
    assert copy.read_text(encoding="utf-8") == "customer: x"
    assert (copy.parent / "../shared/printers.csv").read_text(encoding="utf-8") == "name;address"
    assert folder.inventory("hq.yaml") == copy
    with pytest.raises(RecordingError, match="no copy of the inventory"):
        folder.inventory("other.yaml")


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"old")
    with pytest.raises(TypeError):
        write_atomically(tmp_path / "a", "no bytes")  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"
