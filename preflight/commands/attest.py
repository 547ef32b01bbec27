"""`preflight attest`: what only a person can say, asked for and kept beside the inventory."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

HELP = "ask about what the newest run could not see, and keep the answers in attestations.yaml"
ROOT = Path(__file__).absolute().parents[2]


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="the run: latest, id or folder (default: the newest)")
    parser.add_argument("--inventory", metavar="FILE", help="the site (default: inventory.yaml of the clone)")
    parser.add_argument("--catalogue", metavar="FOLDER", help="another product's rows (default: SafeQ 5)")
    parser.add_argument("--answers", metavar="FILE", help="answers out of a YAML file, instead of questions")
    parser.add_argument(
        "--list", action="store_true", help="show waivers and attestations and their state, ask nothing"
    )


def run(told: argparse.Namespace, rest: Sequence[str]) -> int:  # noqa: ARG001 - the same for every command
    """Ask and write, or list."""
    from preflight.attest.conversation import attest, show_rulings
    from preflight.attest.open_cases import load_site

    inventory = Path(told.inventory).expanduser() if told.inventory else ROOT / "inventory.yaml"
    catalogue = Path(told.catalogue).expanduser() if told.catalogue else None
    site = load_site(inventory.absolute(), catalogue)
    if told.list:
        return show_rulings(site, told.run)
    return attest(site, told.run, Path(told.answers).expanduser() if told.answers else None)
