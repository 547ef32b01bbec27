"""`preflight ports` as a user calls it: three files, the same for the same input, and refusals with file and line."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import socket
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from preflight.cli import main

ROOT = Path(__file__).parents[2]
HOSTILE = "</style><script>alert(1)</script> \"x' =1+1"
TAGS = set(
    re.findall(r"\w+", "html head meta title style body h1 h2 dl dt dd ul li p div section table thead tbody tr")
)
TAGS |= {"th", "td", "a", "span", "small"}


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)


@pytest.mark.usefixtures("_no_network")
def test_three_files_the_same_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = []
    for name in ("a", "b"):
        assert main(["ports", "--inventory", str(ROOT / "inventory.yaml"), "--out", str(tmp_path / name)]) == 0
        made.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()})
    assert set(made[0]) == {"ports.html", "ports.csv", "ports.xlsx"}
    assert made[0] == made[1]
    assert "lines to open in 6 zones" in capsys.readouterr().out


@pytest.mark.slow
def test_no_order_of_sets_gets_into_a_file(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "preflight.cli", "ports", "--out", str(tmp_path / seed)]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True)
    for name in ("ports.html", "ports.csv", "ports.xlsx"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_beside_the_inventory_unless_it_is_said(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text((ROOT / "inventory.yaml").read_text("utf-8"), "utf-8")
    assert main(["ports", "--inventory", str(file), "--catalogue", str(ROOT / "preflight/catalogue/safeq-5")]) == 0
    assert (tmp_path / "reports" / "ports" / "ports.html").is_file()


def test_bad_input_is_refused_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text("customer: A\nsite: B\nhosts:\n  cml1: {roles: [nonsense], address: 10.1.1.1}\n", "utf-8")
    assert main(["ports", "--inventory", str(file), "--out", str(tmp_path / "out")]) == 4
    assert f"{file}:4: " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main(["ports", "--catalogue", str(tmp_path)]) == 4
    assert "product.yaml:1: " in capsys.readouterr().err
    file.write_text(
        "customer: A\nsite: B\nhosts:\n  cml1: {roles: [cml], address: 10.1.1.1}\nports: {W99: 1}\n", "utf-8"
    )
    assert main(["ports", "--inventory", str(file), "--out", str(tmp_path / "out")]) == 4
    assert f"{file}:5: ports.W99: no such port row" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").write_text("a file", "utf-8")
    assert main(["ports", "--out", str(tmp_path / "out")]) == 3
    assert "cannot be written" in capsys.readouterr().err


class Page(HTMLParser):
    """Collects the page's tags and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_needs_nothing_and_runs_nothing(tmp_path: Path) -> None:
    site = {
        "customer": HOSTILE,
        "site": HOSTILE,
        "hosts": {
            "cml1": {"roles": ["cml"], "address": "10.1.1.1"},
            "ws1": {"roles": ["workstation"], "address": "10.3.0.1"},
        },
    }
    file = tmp_path / "inventory.yaml"
    file.write_text(json.dumps(site), "utf-8")
    assert main(["ports", "--inventory", str(file), "--out", str(tmp_path)]) == 0
    text = (tmp_path / "ports.html").read_text("utf-8")
    page = Page(text)
    assert {tag for tag, _ in page.tags} <= TAGS
    assert all(value.startswith("#") for _, a in page.tags for key, value in a.items() if key == "href" and value)
    assert not re.search(r"\bon\w+=|src=|url\(|@import", text.replace("&#x27;", ""))
    assert "size: A4 landscape" in text
    assert "display: table-header-group" in text
    rows = list(csv.reader(io.StringIO((tmp_path / "ports.csv").read_text("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a_lab_says_so(tmp_path: Path) -> None:
    assert main(["ports", "--out", str(tmp_path)]) == 0
    assert '<p class="lab">LAB: this site does not exist.' in (tmp_path / "ports.html").read_text("utf-8")
    assert "LAB: this site does not exist." in (tmp_path / "ports.csv").read_text("utf-8-sig").splitlines()[0]


@pytest.mark.slow
def test_a_pipe_of_a_small_code_page_gets_what_it_can_write(tmp_path: Path) -> None:
    """As in a scheduled task of Windows: names that cp1252 lacks cost a question mark, not the command."""
    text = (ROOT / "inventory.yaml").read_text("utf-8")
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(re.sub(r"(?m)^site: .*$", "site: 漢字 \u017d\u010f\u00e1r", text), encoding="utf-8")
    command = [sys.executable, "-m", "preflight.cli", "ports", "--inventory", str(inventory)]
    env = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("cp1252").startswith("?? Zdar")
