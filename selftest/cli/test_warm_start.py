"""A program that is forked out of a warm Python does what one does that Python started."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from suite import Suite
from warm_start import COLD, run_module

pytestmark = pytest.mark.slow
needs_fork = pytest.mark.skipif(COLD, reason="nothing is forked here")


@needs_fork
def test_the_same_is_said_and_kept(tmp_path: Path) -> None:
    said = []
    for name, cold in (("warm", False), ("cold", True)):
        (tmp_path / name).mkdir()
        suite = Suite(tmp_path / name)
        done = suite.run("--row=I01,C12", "--scenario=cml-node-unreachable", cold=cold)
        kept = sorted(p.name for p in suite.runs[-1].iterdir())
        text = done.stdout.replace(str(suite.folder), "HERE")
        said.append((done.returncode, re.sub(r"\d{8}T\d{6}Z|in [\d.]+s|\d+ s\b", "TIME", text), done.stderr, kept))
    assert said[0] == said[1]
    assert said[0][0] == 1
    assert "warning" not in said[0][1]


@needs_fork
def test_folder_environment_path_and_end_are_the_programs_own(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        "import os, sys\n"
        "print(os.getcwd(), os.environ.get('A'), 'HOME' in os.environ, sys.argv[1:], sys.stdin.read())\n"
        "print('wrong', file=sys.stderr)\nsys.exit(7)\n",
        "utf-8",
    )
    env = {"A": "ž", "PATH": os.environ["PATH"]}
    for cold in (False, True):
        done = run_module("one", ["x"], cwd=tmp_path, env=env, cold=cold)
        assert done.returncode == 7
        assert (done.stdout, done.stderr) == (f"{tmp_path} ž False ['x'] \n", "wrong\n")


@needs_fork
def test_one_that_does_not_end_is_killed(tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text("import time\ntime.sleep(600)\n", "utf-8")
    with pytest.raises(subprocess.TimeoutExpired):
        run_module("endless", [], cwd=tmp_path, env=dict(os.environ), timeout=0.5, cold=False)
    (tmp_path / "next_one.py").write_text("print('up')\n", "utf-8")
    assert run_module("next_one", [], cwd=tmp_path, env=dict(os.environ), cold=False).stdout == "up\n"
