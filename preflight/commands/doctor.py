"""`preflight doctor`: what is in the way of asking the hosts."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from preflight.commands.starting import run_pytest
from preflight.errors import SelectionError

HELP = "look at every host: name, port, TLS, login, rights, program, clock, and what that blocks"


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--inventory", metavar="FILE", help="the site (default: inventory.yaml of the clone)")
    parser.add_argument("--hosts", metavar="LIST", help="names, roles, sites, globs, addresses; ! leaves out")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="as JSON; without FILE on the terminal")
    parser.epilog = "Further options are handed on to pytest, as --scenario=NAME or --concurrency=N."


def run(told: argparse.Namespace, rest: Sequence[str]) -> int:
    """Start pytest with --doctor."""
    # pytest runs in the checkout, the user may stand elsewhere. Joined by "=": pytest looks for its settings beside
    # any path that stands alone.
    for before, word in pairwise(["", *rest]):
        of_an_option = before.startswith("-") and "=" not in before
        if not word.startswith("-") and not of_an_option:
            raise SelectionError(
                f"no such word: {word}; a site is given by --inventory=FILE, hosts by --hosts=LIST, a file for JSON by "
                "--json=FILE"
            )
    words = ["--doctor"]
    if told.inventory is not None:
        words.append(f"--inventory={Path(told.inventory).expanduser().absolute()}")
    if told.hosts is not None:
        words.append(f"--hosts={told.hosts}")
    if told.json is not None:
        words.append(f"--doctor-json={told.json if told.json == '-' else Path(told.json).expanduser().absolute()}")
    return run_pytest([*words, *rest])
