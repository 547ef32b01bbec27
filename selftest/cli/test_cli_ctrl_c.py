"""Ctrl-C early, twice, and while files are written: a sentence and exit code 2, and nothing that only looks whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from suite import CLONE, Suite

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def interrupted(when: str, *words: str) -> subprocess.CompletedProcess[str]:
    """`python -m WORDS...` in the clone, with a Ctrl-C at that moment."""
    env = {**os.environ, "PREFLIGHT_TEST_CTRL_C": when, "PYTHONPATH": str(CLONE), "PYTHONUTF8": "1", "COLUMNS": "120"}
    return subprocess.run(
        [sys.executable, str(HERE / "ctrl_c_at.py"), *words],
        cwd=CLONE, env=env, capture_output=True, encoding="utf-8", timeout=240, check=False,
    )  # fmt: skip


def sentence_of(done: subprocess.CompletedProcess[str], said: str = "interrupted") -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "KeyboardInterrupt" not in done.stderr
    assert said in done.stderr


@pytest.mark.parametrize("module", ["preflight.values.outcome", "preflight.run.build", "preflight.lab.world"])
def test_while_plugins_load(suite: Suite, module: str) -> None:
    sentence_of(interrupted(f"import {module}", "pytest", f"--inventory={suite.inventory}"))
    assert list(suite.folder.glob("reports/*")) == []


@pytest.mark.parametrize("words", [["report", "latest"], ["attest"], ["doctor"], ["ports"]], ids=lambda w: w[0])
def test_while_a_command_loads(suite: Suite, words: list[str]) -> None:
    where = f"--inventory={suite.inventory}"
    sentence_of(interrupted("import preflight.run.model", "preflight.cli", *words, where))
    assert [path.name for path in suite.folder.iterdir()] == ["inventory.yaml"]


def test_twice_while_the_report_is_written_leaves_nothing(suite: Suite) -> None:
    done = interrupted("write signoff.html 2", "pytest", f"--inventory={suite.inventory}", "--row=C03")
    sentence_of(done, "interrupted while the report was written: nothing of this run is kept")
    assert "the report is being written; Ctrl-C once more leaves without it" in done.stderr
    assert list((suite.folder / "reports").iterdir()) == []


def test_once_while_the_report_is_written_leaves_it_whole(suite: Suite) -> None:
    done = interrupted("write signoff.html", "pytest", f"--inventory={suite.inventory}", "--row=C03")
    sentence_of(done, "the report is being written; Ctrl-C once more leaves without it")
    assert "exit code 2: Ctrl-C came while the report was written; run and report are whole" in done.stdout
    (run,) = suite.runs
    assert (run / "signoff.html").read_text("utf-8").rstrip().endswith("</html>")
    assert (run / "report.html").is_file()
    assert suite.last()["interrupted"] is False


@pytest.mark.parametrize("there", [True, False], ids=["empty folder", "new folder"])
def test_while_runs_are_merged(suite: Suite, there: bool) -> None:
    for row in ("C03", "C04"):
        suite.run(f"--row={row}")
    out = suite.folder / "merged"
    if there:
        out.mkdir()
    runs = [run.name for run in suite.runs]
    words = ["merge", *runs, f"--out={out}", f"--inventory={suite.inventory}"]
    sentence_of(interrupted("write change-request.md", "preflight.cli", *words), "preflight merge: interrupted")
    assert out.is_dir() == there
    assert not there or list(out.iterdir()) == []


# What a terminal's Ctrl-C comes to: start.py and its pytest, which is not through its own imports yet, get it both.
BOTH = "import os, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); os.killpg(0, signal.SIGINT)"
# The moment between the end of the command and its exit code: what is raised then loses the code.
BETWEEN = """
real = os.waitpid
def late(*about):
    told = real(*about)
    os.kill(os.getpid(), signal.SIGINT)
    return told
os.waitpid = late
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to a process group is Unix's")
@pytest.mark.parametrize("first", ["", BETWEEN], ids=["to both", "between its end and its code"])
def test_early_ctrl_c_on_start_py_and_what_it_started(suite: Suite, first: str) -> None:
    code = (
        "import importlib.util, os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"spec = importlib.util.spec_from_file_location('start', {str(CLONE / 'start.py')!r})\n"
        "start = importlib.util.module_from_spec(spec)\n"
        f"spec.loader.exec_module(start)\n{first}\n"
        f"sys.exit(start.run([sys.executable, '-c', {BOTH!r}]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=suite.folder, capture_output=True, encoding="utf-8", timeout=60, check=False,
        start_new_session=True,
    )  # fmt: skip
    sentence_of(done)
