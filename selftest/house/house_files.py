"""What stands in the checkout: its files, and what its Python files import."""

from __future__ import annotations

import ast
import functools
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).absolute().parent.parent.parent
_BUILT = {"__pycache__", "reports", "build", "node_modules"}


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file of the project, relative: what git knows or would add; in an unpacked archive all but what is made."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return tuple(sorted(_walk()))
    names = {name for name in listed.decode("utf-8").split("\0") if name}
    return tuple(sorted(Path(name) for name in names if (ROOT / name).is_file()))


def _walk() -> list[Path]:
    found: list[Path] = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [b for b in below if b not in _BUILT and (not b.startswith(".") or b in (".ci", ".github"))]
        found += [(Path(folder) / name).relative_to(ROOT) for name in names if not name.endswith(".pyc")]
    return found


@functools.cache
def python_files() -> tuple[Path, ...]:
    """The Python files among them."""
    return tuple(file for file in files() if file.suffix == ".py")


@functools.cache
def text(file: Path) -> str:
    """A file's text; what is no UTF-8 is no text of ours and reads as empty."""
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def module_name(file: Path) -> str:
    """preflight/run/store.py -> preflight.run.store; a package is named without `__init__`."""
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def imports(file: Path) -> frozenset[str]:
    """Dotted names that a file imports anywhere in it; `from a import b` gives a.b where that is a module, else a."""
    found: set[str] = set()
    package = module_name(file).split(".")
    if file.stem != "__init__":
        package.pop()
    for node in ast.walk(ast.parse(text(file), str(file))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                found.add(whole if whole in our_modules() else base)
    return frozenset(found)


@functools.cache
def our_modules() -> frozenset[str]:
    """Names of all modules of the engine and of the plugins."""
    return frozenset(module_name(file) for file in python_files() if file.parts[0] in ("preflight", "fixtures"))
