"""What the documents say is there: links lead somewhere, options exist, whole inventories load."""

from __future__ import annotations

import contextlib
import functools
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from house_files import ROOT, files, text

from preflight.cli import COMMANDS, main
from preflight.topology.loader import load_inventory

PAGES = [file for file in files() if file.suffix == ".md"]
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(.*?)\n(.*?)^```", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
START = {"--quick"}  # start.py's own
# A YAML fence with these keys at its left edge shows a whole inventory.
INVENTORY = [re.compile(rf"^{key}:", re.MULTILINE) for key in ("customer", "site", "hosts")]
FENCES = [(page, kind.strip(), body) for page in PAGES for kind, body in FENCE.findall(text(page))]
WHOLE = [(page, body) for page, kind, body in FENCES if kind == "yaml" and all(key.search(body) for key in INVENTORY)]


def anchors(page: Path) -> set[str]:
    """What GitHub makes of a page's headings."""
    titles = re.findall(r"^#+ +(.+)$", FENCE.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_what_is_there(page: Path) -> None:
    broken = []
    for link in LINK.findall(FENCE.sub("", text(page))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page.parent / name).resolve() if name else ROOT / page
        there = target.is_relative_to(ROOT.resolve()) and target.exists()
        if not there or (anchor and anchor not in anchors(target.relative_to(ROOT.resolve()))):
            broken.append(link)
    assert broken == []


@functools.cache
def known_options() -> frozenset[str]:
    """Every option that `pytest --help` of the suite and `preflight COMMAND --help` list, and start.py's."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        for name in COMMANDS:
            with pytest.raises(SystemExit):
                main([name, "--help"])
    # The suite's plugins are for a pytest of their own.
    command = [sys.executable, "-m", "pytest", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    return frozenset(OPTION.findall(told.getvalue() + shown)) | START


def own_options() -> set[str]:
    """Those that the suite itself adds."""
    return set(re.findall(r'addoption\(\s*"(--[a-z-]+)"', text(Path("fixtures/options.py")))) | {"--hosts"}


def commands(page: Path) -> Iterator[str]:
    """Spans and lines of a page that are about the suite's command line."""
    for span in re.findall(r"`([^`\n]+)`", FENCE.sub("", text(page))):
        if span.startswith("--") or "pytest " in span or "start.py" in span:
            yield span
    for _, body in FENCE.findall(text(page)):
        yield from (line for line in body.splitlines() if "pytest " in line or "start.py" in line)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_options_that_a_page_names_exist(page: Path) -> None:
    named = {option for command in commands(page) for option in OPTION.findall(command)}
    assert sorted(named - known_options()) == []


def test_every_option_of_ours_is_explained_somewhere() -> None:
    said = {option for page in PAGES for command in commands(page) for option in OPTION.findall(command)}
    assert len(own_options()) > 8
    assert sorted(own_options() - said) == []


@pytest.mark.parametrize(("page", "body"), WHOLE, ids=[f"{page}-{n}" for n, (page, _) in enumerate(WHOLE)])
def test_whole_inventories_load(page: Path, body: str, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(body, encoding="utf-8")
    assert load_inventory(inventory).machines, f"{page} shows an inventory without machines"


def test_the_documents_show_a_whole_inventory() -> None:
    assert WHOLE
