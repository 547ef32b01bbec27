"""start.py in a checkout of its own, with one tiny package instead of the real ones: no network, real venv and pip."""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from house_files import ROOT, text

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ensurepip") is None, reason="this Python has no ensurepip")
# A pytest that only tells how it was called.
STAND_IN = "import os, sys\nprint('STAND-IN', *sys.argv[1:], 'in', os.path.basename(os.getcwd()))\nsys.exit(5)\n"


def wheel(folder: Path) -> str:
    """A wheel of the stand-in; its line for a lock file."""
    info = "pytest-9.0.0.dist-info"
    parts = {
        "pytest/__init__.py": "",
        "pytest/__main__.py": STAND_IN,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: pytest\nVersion: 9.0.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {n: base64.urlsafe_b64encode(hashlib.sha256(c.encode()).digest()).rstrip(b"=") for n, c in parts.items()}
    record = "".join(f"{n},sha256={d.decode()},{len(parts[n])}\n" for n, d in digests.items())
    file = folder / "pytest-9.0.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {**parts, f"{info}/RECORD": record}.items():
            archive.writestr(name, content)
    return f"pytest==9.0.0 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a difficult name, start.py and lock files that name the stand-in."""
    folder = tmp_path.resolve() / "a šafe checkout"
    folder.mkdir()
    shutil.copy(ROOT / "start.py", folder)
    line = wheel(tmp_path)
    for name in ("requirements.lock", "requirements-dev.lock"):
        (folder / name).write_text(line, encoding="utf-8")
    return folder


def environment(checkout: Path) -> dict[str, str]:
    """pip looks only for the wheel beside the checkout."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTEST_"))}
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(checkout.parent), "PIP_CONFIG_FILE": os.devnull}
    return {**kept, **pip, "PYTHONUTF8": "1"}


def start(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run start.py from beside the checkout."""
    command = [sys.executable, str(checkout / "start.py"), *arguments]
    return subprocess.run(
        command, cwd=checkout.parent, env=environment(checkout), capture_output=True, encoding="utf-8", check=False
    )


def test_an_old_python_can_read_it_up_to_the_sentence() -> None:
    tree = ast.parse(text(Path("start.py")), feature_version=(3, 6))
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    checks = [n.lineno for n in tree.body if isinstance(n, ast.If) and "version_info" in ast.unparse(n.test)]
    functions = [n.lineno for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert checks, "start.py compares the version first of all"
    assert checks[0] < min(functions)


def test_a_command_of_preflight_is_told_apart_from_a_path(checkout: Path) -> None:
    command = checkout / "preflight" / "commands" / "doctor.py"
    command.parent.mkdir(parents=True)
    command.touch()
    done = start(checkout, "doctor", "--inventory=site.yaml")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("start.py: set up, then write: ")
    assert done.stderr.rstrip().endswith("preflight doctor --inventory=site.yaml")
    assert not (checkout / ".venv").exists()


@pytest.mark.slow
def test_it_sets_up_once_and_hands_on_arguments_and_exit_code(checkout: Path) -> None:
    (checkout.parent / "site.yaml").touch()
    first = start(checkout, "--inventory=site.yaml", "--hosts=cml1")
    assert first.returncode == 5, first.stderr
    called = f"STAND-IN --inventory={checkout.parent / 'site.yaml'} --hosts=cml1 in {checkout.name}"
    assert called in first.stdout
    assert re.findall(r"^(\w+) .* \.\.\. \d+\.\d s", first.stdout, re.MULTILINE) == ["making", "installing"]
    again = start(checkout, "setup")
    assert (again.returncode, again.stderr) == (0, "")
    assert "..." not in again.stdout
    with (checkout / "requirements.lock").open("a", encoding="utf-8") as lock:
        lock.write("# moved\n")
    assert "installing what requirements.lock names" in start(checkout, "setup").stdout
    outside = {p.name for p in checkout.parent.iterdir()}
    assert outside == {checkout.name, "site.yaml", "pytest-9.0.0-py3-none-any.whl"}


@pytest.mark.slow
def test_a_half_made_or_moved_or_broken_environment_is_made_again(checkout: Path) -> None:
    (checkout / ".venv" / "lib").mkdir(parents=True)
    assert "its Python or its pip does not start" in start(checkout, "setup").stdout
    (checkout / ".preflight-cache" / "venv-half-made").touch()
    assert "the last set-up was interrupted" in start(checkout, "setup").stdout
    moved = checkout.rename(checkout.parent / "moved")
    assert "it was made for" in start(moved, "setup").stdout
    assert "..." not in start(moved, "setup").stdout


@pytest.mark.slow
def test_two_at_once_wait_for_each_other(checkout: Path) -> None:
    command = [sys.executable, str(checkout / "start.py"), "setup"]
    both = [
        subprocess.Popen(
            command, env=environment(checkout), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        )
        for _ in range(2)
    ]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(text.count("making .venv") for text in said) == [0, 1]


@pytest.mark.slow
def test_a_package_with_another_hash_is_refused_and_told(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text(f"pytest==9.0.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    refused = start(checkout)
    assert refused.returncode == 3
    assert "pip could not install the dependencies" in refused.stderr
    assert "DO NOT MATCH" in refused.stderr
    assert "STAND-IN" not in refused.stdout
