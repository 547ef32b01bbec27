"""Every exception of the engine, as one tree.

PreflightError
|-- InputError               what the user gave is wrong: exit code 4, before any host is touched
|   |-- CatalogueError       a row file; names file, row and field
|   |-- InventoryError       inventory.yaml, a CSV, waivers or attestations beside it; names file and line
|   |-- SelectionError       --hosts, --row, --phase, --scenario ... match nothing or contradict
|   `-- RecordingError       --replay: the run folder is missing, foreign or broken
|-- TransportError           a host cannot be talked to; the survey turns it into an observation
`-- ContractError            an agent said what the contract does not know; likewise an observation

A probe that fails is data, never an exception.
"""

from __future__ import annotations


class PreflightError(Exception):
    """Root of the tree: catch this to catch all of ours."""


class InputError(PreflightError):
    """Something that the user wrote is wrong; the text says where and what would be right."""


class CatalogueError(InputError):
    """A catalogue file does not load; the text names file, row and field."""


class InventoryError(InputError):
    """The inventory or a file beside it does not load; the text names file and line, one problem a line."""


class SelectionError(InputError):
    """An option selects nothing, or contradicts another."""


class RecordingError(InputError):
    """A recorded run cannot be judged again."""


class TransportError(PreflightError):
    """A host cannot be talked to.

    `kind` is a short machine word (unreachable, refused, auth, host-key, no-python, timeout, not-built, other),
    `cause` what was seen and `remedy` what to do, both sentences for a person.
    """

    def __init__(self, kind: str, cause: str, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}".strip())
        self.kind = kind
        self.cause = cause
        self.remedy = remedy


class ContractError(PreflightError):
    """An agent's message does not follow the contract."""
