"""`checklist.shares` held against itself; secrets stay references."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from preflight.topology.checklist_shares import RawShare, SharedFolder
from preflight.topology.managing import secret_ref
from preflight.topology.problems import Place, Problems
from preflight.topology.references import Once


def resolve_shares(
    written: Sequence[RawShare], folder: Path, at: Place, problems: Problems
) -> tuple[SharedFolder, ...]:
    """The shares; notes one that is there twice, whose file leads out of it, or whose account is half said."""
    once = Once("share", problems)
    for index, share in enumerate(written):
        once.claim(share.path.casefold(), at.of(index, "path"))
        if share.file and ".." in share.file.split("\\"):
            problems.add(at.of(index, "file"), "leads out of the share; write a path below it")
        if share.user is not None and share.password is None:
            problems.add(at.of(index, "user"), "has no password; say where it is, as `password: {env: SHARE_PASSWORD}`")
        if share.password is not None and share.user is None:
            problems.add(at.of(index, "password"), "is nobody's; name the `user`, or remove it")
    return tuple(
        SharedFolder(share.path, share.file or "", share.user or "", secret_ref(share.password, folder))
        for share in written
    )
