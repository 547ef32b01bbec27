"""Every file: short, opened by a sentence, well named, in our own words, free of the machine it was written on."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from house_files import ROOT, files, python_files, text

MAX_LINES = 250
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "tools", "common", "misc"}
PAGE = ROOT.parent / "shared" / "seed" / "safeq5-cml-checklist.txt"  # the vendor's page, never part of the project
KEY = re.compile(r"^\s*(?:- )?\w+:", re.MULTILINE)  # two fields of a YAML file are not one sentence
SHINGLE = 8  # words in a row that are taken for a copied sentence
# Traces of the machine that this was written on, put together here so that this file holds none itself.
TRACES = re.compile(
    "|".join((r"(?<![\w.-])/wo" + "rk/", "/t" + "mp/bash", r"\bfa" + "rm-", "/opt/" + r"(pypi|wheels)"))
)
CODE = [file for file in python_files() if text(file).strip()]


def test_a_file_is_one_room() -> None:
    lines = {file.as_posix(): len(text(file).splitlines()) for file in CODE}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


def opening_fault(file: Path) -> str:
    """What is wrong with how a file begins; empty where nothing is."""
    said = ast.get_docstring(ast.parse(text(file)), clean=False)
    if not said:
        return "a module docstring comes first"
    first, _, rest = said.partition("\n")
    if not first.strip().endswith((".", ":", "?")):
        return "its first line is a sentence"
    if rest and not rest.startswith("\n"):
        return "its first line stands alone"
    return "" if text(file).lstrip().startswith('"""' + first) else "nothing stands before it"


def test_a_file_says_first_what_it_is_for() -> None:
    assert {str(file): fault for file in CODE if (fault := opening_fault(file))} == {}


def name_fault(file: Path) -> str:
    """What is wrong with a file's name; empty where nothing is."""
    if {part.removesuffix(".py") for part in file.parts} & SAYS_NOTHING:
        return "it says nothing"
    if file.stem != "__init__" and file.stem in sys.stdlib_module_names:
        return "the standard library has a module of that name"
    on_path = file.parts[0] in ("selftest", "tests") and len(file.parts) > 1
    if on_path and file.parts[1].removesuffix(".py") in sys.stdlib_module_names:
        return "these folders are on the path, and the standard library has a module of that name"
    return ""


def test_names_say_something_and_shadow_nothing() -> None:
    assert {str(file): fault for file in python_files() if (fault := name_fault(file))} == {}


def test_self_tests_import_each_other_by_names_of_their_own() -> None:
    loose: dict[str, list[str]] = {}
    packages = {file.parent for file in python_files() if file.name == "__init__.py"}
    for file in python_files():
        if file.parts[0] == "selftest" and file.parent not in packages and file.name != "conftest.py":
            loose.setdefault(file.stem, []).append(str(file))
    assert [names for names in loose.values() if len(names) > 1] == []


def shingles(words: str) -> Iterator[tuple[str, ...]]:
    """Runs of words; those of mostly numbers are no sentence."""
    found = re.findall(r"[a-z0-9]+", words.lower())
    for start in range(len(found) - SHINGLE + 1):
        run = tuple(found[start : start + SHINGLE])
        if sum(word.isalpha() for word in run) >= SHINGLE - 2:
            yield run


def test_no_sentence_of_the_vendors_page_is_ours() -> None:
    if not PAGE.is_file():
        pytest.skip("the vendor's page is not beside this checkout")
    page = set(shingles(PAGE.read_text(encoding="utf-8")))
    assert len(page) > 500
    copied = [
        f"{file}: {' '.join(run)}"
        for file in files()
        for piece in (KEY.split(text(file)) if file.suffix == ".yaml" else [text(file)])
        for run in shingles(piece)
        if run in page
    ]
    assert copied == []


def test_nothing_tells_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{file}:{number}: {line.strip()[:100]}"
        for file in files()
        for number, line in enumerate(text(file).splitlines(), 1)
        if TRACES.search(line)
    ]
    assert found == []
