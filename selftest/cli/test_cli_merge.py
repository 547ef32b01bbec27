"""`preflight merge` as a user calls it: shards become the run that they are parts of, sites stand side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from suite import Suite, preflight

from preflight.run.model import Run
from preflight.run.recorded import load_run

pytestmark = pytest.mark.slow


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def standings(run: Run) -> dict[str, str]:
    return {one.id: one.standing.value for one in run.cases}


def test_shards_are_the_whole_run(suite: Suite) -> None:
    scenario = "--scenario=iis-on-port-80"
    suite.run(scenario)
    whole = load_run(suite.runs[-1])
    suite.run(scenario, "--row=P*")
    one = suite.last()["run_id"]
    suite.run(scenario, "--row=*,!P*")
    two = suite.last()["run_id"]
    out = suite.folder / "merged"
    done = preflight(suite, "merge", one, two, f"--out={out}")
    assert done.returncode == 0, done.stderr
    merged = load_run(out)
    assert standings(merged) == standings(whole)
    assert list(standings(merged)) == list(standings(whole))
    assert (merged.full, merged.lab, merged.scenario) == (True, whole.lab, whole.scenario)
    assert merged.counts == whole.counts
    assert {part.run_id: part.full for part in merged.parts} == {one: False, two: False}
    assert {file.name for file in out.iterdir()} >= {"run.json", "junit.xml", "cases.csv", "summary.md"}
    assert f"cases from {one}" in done.stdout
    assert "lab run: never a sign-off decision (blocks: 3 failed)" in done.stdout

    same = preflight(suite, "diff", whole.run_id, str(out), "--json")
    assert same.returncode == 0, same.stderr
    assert json.loads(same.stdout)["changes"] == []

    again = preflight(suite, "merge", two, one, f"--out={suite.folder / 'elsewhere' / 'merged'}")
    assert again.returncode == 0
    assert (suite.folder / "elsewhere" / "merged" / "run.json").read_bytes() == (out / "run.json").read_bytes()

    for words, sentence in (
        (["merge", one, two, f"--out={out}"], "is there and not empty"),
        (["merge", one, f"--out={out}2"], "two runs or more"),
        (["merge", one, str(out), f"--out={out}2"], "is a merged run"),
        (["merge", one, "gone", f"--out={out}2"], "no recorded run 'gone'"),
        (["merge", one, two], "--out"),
        (["accept", str(out), "--by", "Eva"], "the lab decides nothing"),
    ):
        refused = preflight(suite, *words)
        assert refused.returncode == 4, (words, refused.stdout)
        assert sentence in refused.stderr
        assert not (suite.folder / "merged2").exists()


def test_two_sites(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "south").mkdir()
    other = Suite(tmp_path / "south")
    text = other.inventory.read_text("utf-8")
    other.inventory.write_text(text.replace("\nsite: Lab\n", "\nsite: South\n", 1), "utf-8")
    suite.run("--row=S0*")
    other.run("--row=S0*")
    parts = [load_run(each.runs[-1]) for each in (suite, other)]
    assert [part.site for part in parts] == ["Lab", "South"]
    out = suite.folder / "merged"
    done = preflight(suite, "merge", str(suite.runs[-1]), str(other.runs[-1]), f"--out={out}")
    assert done.returncode == 0, done.stderr
    merged = load_run(out)
    assert merged.site == "Lab, South"
    assert {part.site: part.counts.total for part in merged.parts} == {part.site: part.counts.total for part in parts}
    assert len(merged.cases) == sum(len(part.cases) for part in parts)
    assert {name.split("/")[0] for name in standings(merged)} == {"lab", "south"}
