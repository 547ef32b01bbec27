"""The doctor as a user starts it: on the lab, as `pytest --doctor` and as `preflight doctor`; bad input is code 4."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from doctor_command import CLONE, doctor, host, kinds, told
from warm_start import Done, run_module

pytestmark = pytest.mark.slow


def preflight(*words: str, cwd: Path = CLONE) -> Done:
    """The command `preflight`, started in any folder."""
    env = {**os.environ, "PYTHONPATH": str(CLONE), "COLUMNS": "100", "PYTHONUTF8": "1"}
    return run_module("preflight.cli", list(words), cwd=cwd, env=env, timeout=90)


def test_the_healthy_lab_is_well() -> None:
    done = doctor()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "LAB (healthy), nothing here is real" in done.stdout
    assert "dc1    no agent: asked from others" in done.stdout
    assert "NOT OK" not in done.stdout


def test_what_a_dead_node_blocks_is_what_a_run_leaves_unverified(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    shutil.copy(CLONE / "inventory.yaml", inventory)
    options = (f"--inventory={inventory}", "--scenario=cml-node-unreachable")
    found = told(doctor(*options, "--doctor-json=-"))
    assert [h["name"] for h in found["hosts"] if h["state"] == "not ok"] == ["cml2"]
    assert kinds(host(found, "cml2")) != []
    assert found["lab_scenario"] == "cml-node-unreachable"
    run_module("pytest", ["-q", *options], cwd=CLONE, env=os.environ)
    run = json.loads(next((tmp_path / "reports").glob("2*/run.json")).read_text("utf-8"))
    unverified = [case for case in run["cases"] if case["outcome"] == "unverified"]
    assert found["blocked"]["cases"] == len(unverified) > 0
    assert set(found["blocked"]["rows"]) == {case["row"] for case in unverified}
    shown = doctor(*options).stdout
    assert "NOT OK  cml2:" in shown
    assert f"{len(unverified)} cases of {len(found['blocked']['rows'])} rows need an agent there: C01" in shown


@pytest.mark.parametrize(
    ("scenario", "rows"),
    [("account-without-rights", ["C05", "C07", "C09", "C10", "C13"]), ("account-may-only-read", [])],
)
def test_what_an_account_without_rights_is_not_told(scenario: str, rows: list[str]) -> None:
    found = told(doctor(f"--scenario={scenario}", "--hosts=cml1", "--doctor-json=-"))
    assert found["blocked"]["rows"] == rows, "a run leaves them unverified: selftest/lab/blocking.yaml"
    assert kinds(host(found, "cml1")) == ([("rights", "not-elevated")] if rows else [])


def test_it_needs_no_waivers(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    shutil.copy(CLONE / "inventory.yaml", inventory)
    (tmp_path / "waivers.yaml").write_text("waivers: [broken\n", encoding="utf-8")
    (tmp_path / "waiver.yaml").write_text("waivers: []\n", encoding="utf-8")
    assert told(doctor(f"--inventory={inventory}", "--hosts=cml1", "--doctor-json=-"))["exit_code"] == 0


def test_hosts_and_rows_choose() -> None:
    found = told(doctor("--scenario=cml-node-unreachable", "--hosts=cml*", "--row=W01", "--doctor-json=-"))
    assert [h["name"] for h in found["hosts"]] == ["cml1", "cml2"]
    assert found["blocked"]["rows"] == ["W01"]


def test_nobody_to_look_at_is_code_5() -> None:
    done = doctor("--hosts=mfp1")
    assert done.returncode == 5, done.stdout + done.stderr
    assert "nobody to look at" in done.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--hosts=clm1"], "cml1"),
        (["--inventory=nowhere.yaml"], "nowhere.yaml"),
        (["--scenario=nonsense"], "nonsense"),
        (["--replay=latest"], "--replay"),
        (["--collect-only"], "--collect-only"),
        (["--doctor-json=/no-such-folder/x.json"], "--doctor-json"),
        (["--concurrency=0"], "--concurrency"),
        (["cml1"], "--doctor takes no 'cml1': a site is given by --inventory=FILE, hosts by --hosts=cml1"),
    ],
)
def test_bad_input_is_code_4_with_a_sentence(options: list[str], sentence: str) -> None:
    done = doctor(*options)
    assert done.returncode == 4, done.stdout + done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_broken_inventory_is_told_with_file_and_line(tmp_path: Path) -> None:
    broken = tmp_path / "inventory.yaml"
    broken.write_text("customer: c\nsite: s\nhosts:\n  cml1: {roles: [cnl], address: 10.0.0.1}\n", encoding="utf-8")
    for done in (doctor(f"--inventory={broken}"), preflight("doctor", "--inventory", "inventory.yaml", cwd=tmp_path)):
        assert done.returncode == 4, done.stdout + done.stderr
        assert "inventory.yaml:4" in done.stderr


def test_the_command_takes_paths_from_where_the_user_stands(tmp_path: Path) -> None:
    shutil.copy(CLONE / "inventory.yaml", tmp_path / "site.yaml")
    done = preflight("doctor", "--inventory", "site.yaml", "--hosts", "cml1", "--json", "out.json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert [h["name"] for h in found["hosts"]] == ["cml1"]
    assert found["inventory"] == str(tmp_path / "site.yaml")
    assert {path.name for path in tmp_path.iterdir()} == {"site.yaml", "out.json"}, "no report, no cache"
    piped = preflight("doctor", "--hosts=cml1", "--json", "--scenario=installed", cwd=tmp_path)
    assert told(piped)["lab_scenario"] == "installed"


def test_a_word_that_stands_alone_is_told_its_option(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    shutil.copy(CLONE / "inventory.yaml", inventory)
    for words, said in (
        (
            ["doctor", str(inventory)],
            f"no such word: {inventory}; a site is given by --inventory=FILE",
        ),
        (["doctor", "cml1"], "hosts by --hosts=LIST"),
        (["doctor", "--scenario", "healthy", "cml1"], "no such word: cml1"),
        (["ports", str(inventory)], f"unknown: {inventory}; a site is given by --inventory={inventory}"),
    ):
        done = preflight(*words, cwd=tmp_path)
        assert done.returncode == 4, done.stdout + done.stderr
        assert said in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["inventory.yaml"]


def test_json_is_written_over_nothing_else_and_not_where_it_cannot(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    shutil.copy(CLONE / "inventory.yaml", inventory)
    for target, said in (
        ("inventory.yaml", "is there and was not written by the doctor; give another name"),
        ("folder/x.json", "give the name of a file in a folder that is there, or -"),
    ):
        done = preflight("doctor", "--inventory=inventory.yaml", "--json", target, cwd=tmp_path)
        assert done.returncode == 4, done.stdout + done.stderr
        assert said in done.stderr
        assert "cml1" not in done.stdout, "no host was looked at"
    assert inventory.read_bytes() == (CLONE / "inventory.yaml").read_bytes()
    for _ in range(2):  # a second time over its own
        assert preflight("doctor", "--hosts=cml1", "--json=out.json", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["exit_code"] == 0


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that takes no file, whoever asks")
def test_a_place_for_json_that_takes_no_file_is_told_before_hosts_are_looked_at() -> None:
    done = doctor("--hosts=cml1", "--doctor-json=/proc/doctor.json")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "--doctor-json=/proc/doctor.json cannot be written: No such file or directory; give" in done.stderr
    assert "cml1" not in done.stdout


@pytest.mark.parametrize("words", [[], ["docter"], ["doctor", "--hots=x"]])
def test_what_the_command_does_not_know_is_code_4(words: list[str]) -> None:
    done = preflight(*words)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "usage:" in done.stderr


def test_the_console_script_of_the_checkout() -> None:
    script = CLONE / ".venv" / ("Scripts/preflight.cmd" if os.name == "nt" else "bin/preflight")
    if not script.is_file():
        pytest.skip("this checkout was not set up by start.py")
    done = subprocess.run([str(script), "doctor", "--hosts=cml1"], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cml1" in done.stdout
