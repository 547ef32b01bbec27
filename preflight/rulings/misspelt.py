"""Files beside an inventory whose names were meant to be those of rulings: unread, they would count for nothing."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from preflight.topology.problems import Place, Problems

_ALIKE = 0.85  # one letter is wrong, missing or too many, or two stand in each other's place


def refuse_misspelt(folder: Path, names: Sequence[str], problems: Problems) -> None:
    """Note every file of YAML whose name is nearly one of `names`; a copy like waivers-2025.yaml is left alone."""
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:  # the inventory itself was read: whatever is wrong, its files say so
        return
    for file in files:
        meant = _meant(file, names)
        if meant is not None and not _same_file(file, file.with_name(meant)):
            sentence = f"is not read under this name; call it {meant}, or something quite different"
            problems.add(Place(str(file)), sentence)


def _meant(file: Path, names: Sequence[str]) -> str | None:
    stem = file.stem.casefold()
    if file.name in names or file.suffix.casefold() not in (".yaml", ".yml") or not stem.isalpha():
        return None
    stems = {Path(name).stem: name for name in names}
    near = difflib.get_close_matches(stem, stems, 1, _ALIKE)
    return stems[near[0]] if near else None


def _same_file(one: Path, other: Path) -> bool:
    """Where capitals do not count, `Waivers.yaml` is read as waivers.yaml."""
    return one.name.casefold() == other.name and other.exists() and one.samefile(other)
