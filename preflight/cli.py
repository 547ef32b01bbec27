"""The command `preflight`: a table of subcommands; what each does is in preflight/commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from preflight.errors import InputError
from preflight.run.clean import clean_lines

ROOT = Path(__file__).absolute().parent.parent
INTERRUPTED, NO_CHECKOUT, BAD_INPUT = 2, 3, 4
# Subcommand -> its module in preflight/commands. Only the one that was asked for is loaded with what it needs.
COMMANDS = ("doctor", "ports", "report", "diff", "accept", "merge", "attest")
# They hand options that they do not know on to pytest; of the others an unknown option is an error.
HAND_ON = ("doctor",)


class _Parser(argparse.ArgumentParser):
    """argparse, with the suite's exit code for bad input."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with 4."""
        self.print_usage(sys.stderr)
        self.exit(BAD_INPUT, f"{self.prog}: {message}\n")


def _refuse_no_file(inventory: str | None, parser: argparse.ArgumentParser) -> None:
    """A variable that is not set in this terminal, or a folder: no command may take another site in its place."""
    if inventory is not None and not inventory.strip():
        parser.error("--inventory= names no file: is the variable set in this terminal?")
    if inventory is not None and Path(inventory).expanduser().is_dir():
        parser.error(f"--inventory={inventory} is a folder: name the inventory in it")


def _meant(words: Sequence[str]) -> str:
    """What to write for an inventory that stands alone."""
    file = next((word for word in words if Path(word).suffix in (".yaml", ".yml")), "")
    return f"; a site is given by --inventory={file}" if file else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand: 0, 1 what it found blocks, 2 interrupted, 3 outside a checkout, 4 bad input."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except KeyboardInterrupt:
        print(f"preflight {words[0] if words else ''}".strip() + ": interrupted", file=sys.stderr)
        return INTERRUPTED


def _run(words: Sequence[str]) -> int:
    parser = _Parser(prog="preflight", description="SafeQ Preflight. The suite itself is started by pytest.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    modules = {name: import_module(f"preflight.commands.{name}") for name in COMMANDS}
    for name, module in modules.items():
        module.add(commands.add_parser(name, help=module.HELP, description=module.HELP))
    told, rest = parser.parse_known_args(words)
    _refuse_no_file(getattr(told, "inventory", None), commands.choices[told.command])
    if rest and told.command not in HAND_ON:
        commands.choices[told.command].error(f"unknown: {' '.join(rest)}{_meant(rest)}")
    if not (ROOT / "conftest.py").is_file():
        print(f"preflight: {ROOT} is no checkout of SafeQ Preflight: there is no conftest.py", file=sys.stderr)
        return NO_CHECKOUT
    try:
        return int(modules[told.command].run(told, rest))
    except InputError as error:
        print(clean_lines(f"preflight {told.command}: {error}"), file=sys.stderr)
        return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
