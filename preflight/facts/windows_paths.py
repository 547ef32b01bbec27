"""Folders of Windows as exclusions name them: capitals and the last backslash say nothing, * and ? are wildcards."""

from __future__ import annotations

from preflight.values.matching import glob_matches

_ENDS = {"*", "*.*"}


def steps(path: str) -> tuple[str, ...]:
    r"""The parts of a path: C:\SafeQ5\logs\* -> c:, safeq5, logs (everything below is the folder itself)."""
    parts = [part for part in path.strip().strip('"').replace("/", "\\").casefold().split("\\") if part]
    while len(parts) > 1 and parts[-1] in _ENDS:
        parts.pop()
    return tuple(parts)


def covers(exclusion: str, folder: str) -> bool:
    """Whether an exclusion is of this folder, or of one that it lies in. Either may have wildcards.

    A wildcard in an exclusion stands for one folder, as the antivirus takes it; one in the wanted folder for a name
    that is not known beforehand, so that any that fits is enough.
    """
    excluded, wanted = steps(exclusion), steps(folder)
    if not excluded or len(excluded) > len(wanted):
        return False
    return all(glob_matches(a, b) or glob_matches(b, a) for a, b in zip(excluded, wanted, strict=False))


def holds_whole(exclusion: str, root: str) -> bool:
    """Whether an exclusion takes in all of this folder, by naming it, one above it, or the drive."""
    excluded, whole = steps(exclusion), steps(root)
    if not excluded or len(excluded) > len(whole):
        return False
    return all(glob_matches(a, b) for a, b in zip(excluded, whole, strict=False))
