"""The lock files: every package with hashes, the developers' holding the users', both holding pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from house_files import text

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Package -> version of a lock file."""
    return dict(PIN.findall(text(Path(name))))


def canonical(name: str) -> str:
    """A package's name as lock files write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_has_hashes(name: str) -> None:
    blocks = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", text(Path(name)), flags=re.MULTILINE))
    assert len(blocks) > 20
    assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []


def test_developers_run_what_users_run() -> None:
    users, developers = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: developers.get(name) for name in users} == users


@pytest.mark.parametrize(("group", "lock"), [("users", "requirements.lock"), ("dev", "requirements-dev.lock")])
def test_what_pyproject_names_is_locked(group: str, lock: str) -> None:
    project = tomllib.loads(text(Path("pyproject.toml")))
    wanted = project["project"]["dependencies"] if group == "users" else project["dependency-groups"]["dev"]
    names = {canonical(re.split(r"[<>=!~ \[]", want)[0]) for want in wanted}
    assert names - pins(lock).keys() == set()
