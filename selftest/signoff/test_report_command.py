"""`preflight report RUN`: the same files from the same run.json; errors are sentences and exit code 4."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from generated import case, run_of

from preflight.report.pdf import REQUIREMENT, pdf_maker
from preflight.report.signoff.assembly import signoff_html
from preflight.report.views import VIEWS, recorded
from preflight.run.model import Run
from preflight.run.store import run_bytes
from preflight.values.outcome import Outcome, Verdict

pytestmark = pytest.mark.slow  # most of them start the command as a program
CLONE = Path(__file__).resolve().parents[2]


def report(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`preflight report` from another folder than the clone."""
    code = "import sys; from preflight.cli import main; sys.exit(main())"
    places = {"PYTHONPATH": os.pathsep.join(filter(None, (env.pop("before", ""), str(CLONE)))), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, "report", *words],
        cwd=cwd,
        env={**os.environ, **places, **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's folder with one recorded run."""
    judged = [(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, "refused", "asked", "RST", "Open it."))]
    keep(tmp_path, run_of(judged, rows=["S04"]))
    return tmp_path


def keep(site: Path, run: Run) -> Path:
    """Keeps a run as its folder would."""
    folder = site / "reports" / run.run_id
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(run_bytes(run))
    return folder


@pytest.mark.slow
def test_a_run_of_the_suite_and_the_command_write_the_same_bytes(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    shutil.copyfile(CLONE / "inventory.yaml", inventory)
    command = [sys.executable, "-m", "pytest", "-q", f"--inventory={inventory}", "--row=P0*"]
    done = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, encoding="utf-8", check=False)
    assert "signoff.html" in done.stdout
    (folder,) = (tmp_path / "reports").glob("2*")
    before = {name: (folder / name).read_bytes() for name in VIEWS}
    for name in VIEWS:
        (folder / name).unlink()
    again = report(folder.name, f"--inventory={inventory}", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert {name: (folder / name).read_bytes() for name in VIEWS} == before
    assert b"LAB" in before["signoff.html"]


def test_it_says_what_it_wrote_and_what_the_run_decides(site: Path) -> None:
    (folder,) = (site / "reports").iterdir()
    for words in ([folder.name, "--inventory=inventory.yaml"], [f"reports/{folder.name}"], [str(folder / "run.json")]):
        done = report(*words, cwd=site)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == "reject: 1 failed"
        for name in VIEWS:
            assert f"{folder / name} ({(folder / name).stat().st_size:,} bytes)" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing"], "no recorded run 'nothing'"),
        (["latest", "--inventory=inventory.yaml"], "no run was kept as"),
        ([], "the following arguments are required: RUN"),
        (["reports/broken"], "run.json: "),
        (["reports/edited"], "the counts do not agree with the cases"),
        (["reports/empty"], "it holds no run.json"),
        (["latest", "--word"], "unknown: --word"),
    ],
)
def test_bad_input_is_said_and_nothing_is_written(site: Path, words: list[str], told: str) -> None:
    (run,) = (site / "reports").iterdir()
    for name in ("broken", "edited", "empty"):
        (site / "reports" / name).mkdir()
    (site / "reports" / "broken" / "run.json").write_text("{", "utf-8")
    content = json.loads((run / "run.json").read_text("utf-8"))
    content["counts"]["total"]["failed"] = 0
    (site / "reports" / "edited" / "run.json").write_text(json.dumps(content), "utf-8")
    done = report(*words, cwd=site)
    assert done.returncode == 4, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in site.rglob("*") if path.is_file()) == ["run.json"] * 3


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("ImportError('No module named weasyprint')", f'-m pip install "{REQUIREMENT}"'),
        ("OSError('cannot load library libpango-1.0-0')", "apt-get install libpango-1.0-0"),
    ],
)
def test_a_missing_extra_says_what_to_install(site: Path, raised: str, told: str) -> None:
    (folder,) = (site / "reports").iterdir()
    (site / "weasyprint.py").write_text(f"raise {raised}\n", encoding="utf-8")
    done = report(str(folder), "--pdf", cwd=site, before=str(site))
    assert done.returncode == 4, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in folder.iterdir()] == ["run.json"]


def test_the_command_that_is_told_is_the_extra() -> None:
    project = tomllib.loads((CLONE / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["optional-dependencies"]["pdf"] == [REQUIREMENT]


def _weasyprint() -> Any:
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        pytest.skip(f"WeasyPrint, or the system's Pango, is not there: {error}")


def _text(pdf: bytes) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("there is no pdftotext on the PATH: install poppler-utils")
    return subprocess.run([program, "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode("utf-8")


@pytest.mark.real
@pytest.mark.slow
def test_pdf(site: Path) -> None:
    _weasyprint()
    (folder,) = (site / "reports").iterdir()
    done = report(str(folder), "--pdf", cwd=site)
    assert done.returncode == 0, done.stderr
    pdf = (folder / "signoff.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    text = _text(pdf)
    assert text.count("\f") > 1, "sheets"
    for told in ("Reject", "Blocking findings", "Open it.", "Post-execution approval", "page 1 of"):
        assert told in text


@pytest.mark.real
def test_the_pdf_loads_nothing_that_a_page_names(tmp_path: Path) -> None:
    HTML = _weasyprint().HTML  # noqa: N806 - its name
    style = tmp_path / "style.css"
    style.write_text("main { display: none }", encoding="utf-8")
    link = f'<link rel="stylesheet" href="{style.as_uri()}">'
    hidden = HTML(string=f"{link}<main>shown</main>").write_pdf()
    assert "shown" not in _text(hidden), "where it is loaded, it hides what is there"
    page = signoff_html(recorded(run_of([]), b"")).decode("utf-8")
    assert "Method and limits" in _text(pdf_maker()(page.replace("<main>", f"{link}<main>").encode("utf-8")))


def test_all_files_are_there_whatever_the_terminal_can_write(tmp_path: Path) -> None:
    judged = [(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, "refused"))]
    site = tmp_path / "漢字"
    folder = keep(site, run_of(judged, rows=["S04"]))
    code = "import sys; from preflight.cli import main; sys.exit(main())"
    env = {**os.environ, "PYTHONPATH": str(CLONE), "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(
        [sys.executable, "-c", code, "report", str(folder)], cwd=tmp_path, env=env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"??" in done.stdout
    assert set(VIEWS) <= {file.name for file in folder.iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names of folders")
def test_no_name_of_a_folder_writes_escapes(site: Path) -> None:
    (site / "a\x1b[31mb").mkdir()
    done = report("a\x1b[31mb", cwd=site)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "ab: is no recorded run" in done.stderr
    assert "\x1b" not in done.stderr
