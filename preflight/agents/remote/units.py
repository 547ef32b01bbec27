"""Linux: the product's services as systemd unit files; nothing is asked of systemd itself."""

import os
import re

MYPY = False
if MYPY:
    from typing import Pattern

UNIT_FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")


class Unit(object):
    """A unit file: its name, its description, and the command that it starts."""

    def __init__(self, name: str, display: str, command: "list[str]") -> None:
        self.name = name
        self.display = display
        self.command = command
        self.binary = os.path.realpath(command[0]) if command else ""


def matches(patterns: "list[Pattern[str]]", name: str) -> bool:
    """True when one of the product's patterns is the whole name."""
    return any(pattern.fullmatch(name) for pattern in patterns)


def parse_unit(name: str, text: str) -> Unit:
    """The first Description= and ExecStart= of a unit file."""
    text = text.replace("\\\n", " ")
    found = dict(reversed(re.findall(r"^[ \t]*(Description|ExecStart)[ \t]*=[ \t]*(\S.*?)[ \t]*$", text, re.M)))
    words = [word.strip("\"'") for word in found.get("ExecStart", "").split()]
    if words:
        words[0] = words[0].lstrip("@-:+!|")
    return Unit(name, found.get("Description", "")[:200], words)


def read_units(patterns: "list[Pattern[str]]") -> "list[Unit]":
    """Unit files whose name is one of the product's; the first folder wins, a masked one is not installed."""
    units: "dict[str, Unit]" = {}
    masked = set()
    for folder in UNIT_FOLDERS:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for file in names:
            name = file[:-8]
            if not file.endswith(".service") or name in units or name in masked or not matches(patterns, name):
                continue
            path = os.path.join(folder, file)
            if os.path.realpath(path) == "/dev/null":
                masked.add(name)
                continue
            try:
                with open(path, "rb") as source:
                    units[name] = parse_unit(name, source.read(65536).decode("utf-8", "replace"))
            except OSError:
                units[name] = Unit(name, "", [])
    return [units[name] for name in sorted(units)]


def binary_runs(unit: Unit, argv: "list[str]", path: str) -> bool:
    """True when a process is what the unit starts.

    The whole command counts, since many units start the same java or python. Words that systemd fills in are not
    compared.
    """
    if not unit.command or not argv:
        return False
    if unit.command[0] not in argv[:2] and unit.binary != path:  # argv[1]: a script, run by its interpreter
        return False
    return all("$" in word or "%" in word or word in argv[1:] for word in unit.command[1:])
