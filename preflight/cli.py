"""The command `preflight`: a small table of subcommands, each of which hands over to pytest in the checkout."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).absolute().parent.parent
NO_CHECKOUT, BAD_INPUT = 3, 4


class _Parser(argparse.ArgumentParser):
    """argparse, with the suite's exit code for bad input."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with 4."""
        self.print_usage(sys.stderr)
        self.exit(BAD_INPUT, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit code is pytest's, 3 outside a checkout, 4 for bad input."""
    parser = _Parser(prog="preflight", description="SafeQ Preflight. The suite itself is started by pytest.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for name, (add, _) in COMMANDS.items():
        add(commands.add_parser(name, help=_HELP[name], description=_HELP[name]))
    told, rest = parser.parse_known_args(arguments)
    if not (ROOT / "conftest.py").is_file():
        print(f"preflight: {ROOT} is no checkout of SafeQ Preflight: there is no conftest.py", file=sys.stderr)
        return NO_CHECKOUT
    return _pytest([*COMMANDS[told.command][1](told), *rest])


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--inventory", metavar="FILE", help="the site (default: inventory.yaml of the clone)")
    parser.add_argument("--hosts", metavar="LIST", help="names, roles, sites, globs, addresses; ! leaves out")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="as JSON; without FILE on the terminal")
    parser.epilog = "Further options are handed on to pytest, as --scenario=NAME or --concurrency=N."


def _doctor(told: argparse.Namespace) -> list[str]:
    # pytest runs in the checkout, the user may stand elsewhere. Joined by "=": pytest looks for its settings beside
    # any path that stands alone.
    words = ["--doctor"]
    if told.inventory is not None:
        words.append(f"--inventory={Path(told.inventory).expanduser().absolute()}")
    if told.hosts is not None:
        words.append(f"--hosts={told.hosts}")
    if told.json is not None:
        words.append(f"--doctor-json={told.json if told.json == '-' else Path(told.json).expanduser().absolute()}")
    return words


def _pytest(words: list[str]) -> int:
    """Run pytest in the checkout. Ctrl-C is pytest's to answer; it gets it, too."""
    process = subprocess.Popen([sys.executable, "-m", "pytest", *words], cwd=ROOT)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue
        return code if code >= 0 else 128 - code


Add = Callable[[argparse.ArgumentParser], None]
Words = Callable[[argparse.Namespace], list[str]]
COMMANDS: dict[str, tuple[Add, Words]] = {"doctor": (_add_doctor, _doctor)}
_HELP = {"doctor": "look at every host: name, port, TLS, login, rights, program, clock, and what that blocks"}


if __name__ == "__main__":
    sys.exit(main())
