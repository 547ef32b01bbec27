"""`checklist.shares`: the folders that SafeQ is installed from, as written and as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from preflight.topology.problems import Place, Problems
from preflight.topology.raw_base import Raw
from preflight.topology.references import Once
from preflight.topology.scalars import matching

_PART = r'[^\\/:*?"<>|\x00-\x1f]{1,200}'
Unc = Annotated[
    str,
    matching(
        "a shared folder", rf"\\\\[A-Za-z0-9][A-Za-z0-9_.-]{{0,252}}(?:\\{_PART}){{1,20}}", "one like \\\\files\\safeq$"
    ),
]
InFolder = Annotated[
    str, matching("a file in the share", rf"{_PART}(?:\\{_PART}){{0,20}}", "one like setup.exe or 5.0\\setup.exe")
]


class RawShare(Raw):
    """One of `checklist.shares`."""

    path: Unc
    file: InFolder | None = None


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """A share that every CML node has to open, and a file in it that must be readable."""

    path: str
    file: str = ""

    @property
    def server(self) -> str:
        """The name or address that it is reached by."""
        return self.path.lstrip("\\").partition("\\")[0]


def resolve_shares(written: Sequence[RawShare], at: Place, problems: Problems) -> tuple[SharedFolder, ...]:
    """The shares; notes one that is there twice, or whose file leads out of it."""
    once = Once("share", problems)
    for index, share in enumerate(written):
        once.claim(share.path.casefold(), at.of(index, "path"))
        if share.file and ".." in share.file.split("\\"):
            problems.add(at.of(index, "file"), "leads out of the share; write a path below it")
    return tuple(SharedFolder(share.path, share.file or "") for share in written)
