"""Bad input ends with a sentence and exit code 4, before anything is contacted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from suite import CLONE, Suite
from warm_start import Done, run_module

SITE = """\
customer: c
site: s
manage: {by: ssh}
hosts:
  cml1: {roles: [cml], address: 127.0.0.9}
  ws1: {roles: [workstation], address: 127.0.0.8}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """A site of hosts over SSH, where an `ssh` that is called leaves a trace."""
    made = Suite(tmp_path)
    made.inventory.write_text(SITE, "utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    ssh = programs / "ssh"
    ssh.write_text(f"#!/bin/sh\ntouch {tmp_path / 'contacted'}\nexit 255\n", "utf-8")
    ssh.chmod(0o755)
    made.env["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return made


def bare(suite: Suite, *words: str) -> Done:
    """`preflight` with these words and no more."""
    env = {**suite.env, "PYTHONPATH": str(CLONE)}
    return run_module("preflight.cli", list(words), cwd=suite.folder, env=env, timeout=60)


def contacted(suite: Suite) -> bool:
    return (suite.folder / "contacted").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for ssh is a shell script")
def test_the_trace_works(suite: Suite) -> None:
    done = suite.run("--row=W01")
    assert contacted(suite)
    assert done.returncode == 1, done.stdout + done.stderr
    assert {c["outcome"] for c in suite.last()["cases"] if c["row"] == "W01"} == {"unverified"}


def test_collect_only_contacts_nothing(suite: Suite) -> None:
    done = suite.run("--collect-only")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "W01:ws1>cml1" in done.stdout
    assert not contacted(suite)
    assert not suite.runs
    assert not list((suite.folder).glob("reports/*"))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--hosts=clm1"], "cml1"),
        (["--hosts=!cml1,!ws1"], "leaves nothing"),
        (["--row=W0l"], "W0"),
        (["--phase=later"], "invalid choice"),
        (["--probe-timeout=60"], "give seconds from 0.2 to 20"),
        (["--concurrency=0"], "give 1 or more"),
        (["--scenario=healthy"], "this is a real site"),
        (["--replay=latest"], "no run was kept"),
        (["--catalogue=nowhere"], "nowhere"),
        (["--replay=x", "--hosts=cml1"], "--hosts: --replay judges a recorded run as it was asked"),
        (["--setup-plan"], "use --collect-only"),
        (["-n", "2"], "pytest-xdist would survey every host once a worker"),
        (["--connection=ssh"], "hosts.NAME.manage"),
        (["--sudo"], "manage: {sudo: true}"),
        (["--ssh-config=x"], "manage: {ssh_config: FILE}"),
        (["--nagios"], "junit.xml"),
        (["--inventory=/does/not/exist.yaml"], "exist.yaml"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_refused(suite: Suite, options: list[str], sentence: str) -> None:
    done = suite.run(*options)
    assert done.returncode == 4, done.stdout + done.stderr
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    assert not contacted(suite)
    assert not suite.runs


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("roles: [cml]", "roles: [clm]", "inventory.yaml:5"),
        ("{by: ssh}", "{by: ssh, password: hunter2}", "inventory.yaml:3"),
        ("hosts:", "snmp: {community: {env: NO_SUCH_VARIABLE}}\nhosts:", "NO_SUCH_VARIABLE"),
        ("{by: ssh}", "{by: winrm, auth: kerberos}", 'pip install "pywinrm[kerberos]"'),
        ("{by: ssh}", "{by: winrm, auth: credssp, user: a, password: {env: HOME}}", 'pip install "pywinrm[credssp]"'),
        ("hosts:", "ports: {W04: 516}\nhosts:", "inventory.yaml:4: ports.W04: the page fixes the port"),
    ],
)
def test_bad_inventory(suite: Suite, old: str, new: str, sentence: str) -> None:
    suite.inventory.write_text(SITE.replace(old, new), "utf-8")
    done = suite.run()
    assert done.returncode == 4, done.stdout + done.stderr
    assert sentence in done.stderr + done.stdout
    assert "hunter2" not in done.stderr + done.stdout
    assert not contacted(suite)


def test_an_inventory_that_names_nothing_is_never_another_site(suite: Suite) -> None:
    done = suite.run("--inventory=", "--collect-only", inventory=False)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "--inventory= names no file" in done.stderr + done.stdout
    for command in ("ports", "attest", "doctor"):
        told = bare(suite, command, "--inventory=")
        assert told.returncode == 4
        assert "--inventory= names no file" in told.stderr
    told = bare(suite, "report", "latest", f"--inventory={suite.folder}")
    assert told.returncode == 4
    assert "is a folder: name the inventory in it" in told.stderr
    assert not contacted(suite)


def test_a_folder_that_takes_no_report_ends_with_a_sentence(suite: Suite) -> None:
    (suite.folder / "reports").write_text("a file, where the folder should be", "utf-8")
    done = suite.run("--row=W01")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "no folder for the run can be made there" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    assert not contacted(suite)


def test_rows_that_are_named_twice_add_up(suite: Suite) -> None:
    done = suite.run("--row=W01", "--row=W02", "--collect-only")
    assert "[W01:ws1>cml1]" in done.stdout
    assert "[W02:" in done.stdout
    assert "[W03:" not in done.stdout


def test_what_a_foreign_run_says_writes_no_escapes(suite: Suite) -> None:
    folder = suite.folder / "reports" / "foreign"
    folder.mkdir(parents=True)
    (folder / "observations.json").write_text("{}", "utf-8")
    (folder / "run.json").write_text('{"\\u001b[31mred": 1, "schema_version": 9}', "utf-8")
    for name in (str(folder), "no\x1b[31msuch"):
        done = suite.run(f"--replay={name}")
        assert done.returncode == 4, done.stdout + done.stderr
        assert "\x1b" not in done.stdout + done.stderr
