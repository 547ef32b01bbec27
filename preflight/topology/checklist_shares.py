"""`checklist.shares`: the folders that SafeQ is installed from, as written and as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from preflight.topology.raw_base import Raw, RawSecret
from preflight.topology.scalars import matching, text_up_to
from preflight.topology.secret_ref import SecretRef

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
    user: Annotated[str, text_up_to(256)] | None = None
    password: RawSecret | None = None


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """A share that every CML node has to open, and a file in it that must be readable."""

    path: str
    file: str = ""
    user: str = ""  # the account that opens it; empty: the one that runs the agent
    password: SecretRef | None = None  # there if a user is

    @property
    def server(self) -> str:
        """The name or address that it is reached by."""
        return self.path.lstrip("\\").partition("\\")[0]
