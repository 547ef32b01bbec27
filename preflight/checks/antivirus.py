"""Which folders an antivirus has to spare on a machine, and what of it an exclusion list leaves open (C09)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from preflight.facts.antivirus_reads import spared_folders
from preflight.facts.windows_paths import covers, holds_whole, steps
from preflight.facts.windows_services import OWN_FOLDERS, alike
from preflight.topology.model import Machine, Topology


@dataclass(frozen=True, slots=True)
class Wanted:
    """The folders; `ours`: roles whose folders the site has not said, so that our own list stands in."""

    folders: tuple[str, ...]
    ours: tuple[str, ...]

    @property
    def block(self) -> str:
        """Ready to paste, on one line: our folders as the site's, to be corrected by the vendor's answer."""
        table = spared_folders().folders
        roles = (f"{r}: [{', '.join(_quoted(f) for f in table[r])}]" for r in self.ours)
        return f"checklist: {{antivirus: {{folders: {{{', '.join(roles)}}}}}}}"


def wanted_folders(site: Topology, machine: Machine) -> Wanted:
    """What the site says for the machine's roles, our own list for roles that it leaves out."""
    table, said = spared_folders(), site.checklist.antivirus.folders
    folders: dict[str, None] = {}
    ours = []
    for role in sorted(machine.roles):
        if role in said:
            folders |= dict.fromkeys(said[role])
        elif role in table.folders:
            ours.append(role)
            embedded = site.features.database == "embedded"
            folders |= dict.fromkeys(f for f in table.folders[role] if embedded or table.database not in f)
    return Wanted(tuple(folders), tuple(ours))


def uncovered(folders: tuple[str, ...], exclusions: tuple[str, ...]) -> list[str]:
    """Folders that no exclusion takes in."""
    return [folder for folder in folders if not any(covers(exclusion, folder) for exclusion in exclusions)]


def too_wide(exclusions: tuple[str, ...], folders: tuple[str, ...]) -> list[str]:
    """Exclusions of the whole product, of a folder above it or of the drive: print jobs would go unseen."""
    roots = (*spared_folders().roots, *_roots(folders))
    return [e for e in exclusions if any(holds_whole(e, root) for root in roots)]


def _roots(folders: tuple[str, ...]) -> Iterator[str]:
    """Folders of the product, by their name, in which these lie: on whatever disk a site has it."""
    for parts in map(steps, folders):
        at = next((at for at, part in enumerate(parts[:-1]) if alike(part, OWN_FOLDERS)), None)
        if at is not None:
            yield "\\".join(parts[: at + 1])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
