"""How current Windows' patches are besides its build: restarts that are pending, and the last hotfix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from preflight.agents.reads import CimRead, RegistryRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.registry_key import RegistryKey, registry_key
from preflight.facts.windows import Windows, clipped, need_windows, whole
from preflight.values.counted import counted

_CURRENT = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion"
SERVICING = RegistryRead(name="restart:servicing", path=rf"{_CURRENT}\Component Based Servicing\RebootPending")
UPDATE = RegistryRead(name="restart:update", path=rf"{_CURRENT}\WindowsUpdate\Auto Update\RebootRequired")
UPDATE_EXE = RegistryRead(
    name="restart:updateexe",
    path=r"HKLM\SOFTWARE\Microsoft\Updates",
    values=("UpdateExeVolatile", "Flags"),
    subkeys=True,
)
_RENAMES = ("PendingFileRenameOperations", "PendingFileRenameOperations2")
RENAMES = RegistryRead(
    name="restart:renames", path=r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager", values=_RENAMES
)
HOTFIX_READ = CimRead(
    name="hotfixes:list", class_name="Win32_QuickFixEngineering", properties=("HotFixID", "InstalledOn")
)
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Restart:
    """Whether Windows waits for a restart.

    `patches`: what of servicing and updates says so; `renames`: files that are to be replaced at the next start, which
    installers and antivirus leave as well; `unread`: keys that could not be read, and why.
    """

    patches: tuple[str, ...]
    renames: int
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hotfixes:
    """The list of installed updates: a hint only, some kinds of update are not in it. `untold`: why it has no day."""

    last: date | None
    name: str = ""
    count: int = 0
    untold: str = ""

    def words(self, on: date) -> str:
        """For a report of that day."""
        if self.last is None:
            return f"the day of the last hotfix is not known: {self.untold}"
        age, all_of = counted((on - self.last).days, "day"), counted(self.count, "hotfix", "hotfixes")
        return f"the last of {all_of}, {self.name}, was installed on {self.last}, {age} before"


def table_entry(windows: Windows, on: date) -> str:
    """What to do where the table cannot tell: a block for the inventory, to be filled in."""
    version = f"{windows.build}.{windows.revision}"
    return (
        "Look up the newest revision of this build (Microsoft's release information). Write it with day and source "
        "into the inventory (or a file that it names), like checklist: "
        f'{{patches: {{versions: {{windows: [{{version: "{version}", as_of: {on}, source: "?"}}]}}}}}}'
    )


def _restart(told: Told) -> Restart:
    need_windows(told, "whether a restart is pending")
    patches: list[str] = []
    unread: list[str] = []
    renames = 0
    for read in (SERVICING, UPDATE, UPDATE_EXE, RENAMES):
        try:
            key = registry_key(told, read.name)
            if read is RENAMES:
                renames = sum(_listed((key or RegistryKey()).values.get(name)) for name in _RENAMES)
            elif read is UPDATE_EXE:
                patches += [f"{read.path} {name}" for name in _flags(key or RegistryKey())]
            elif key is not None:
                patches.append(read.path)
        except UnobservedError as error:
            unread.append(error.reason)
    return Restart(tuple(patches), renames, tuple(unread))


def _flags(key: RegistryKey) -> list[str]:
    """UpdateExeVolatile is known as a value of the key and as a subkey with Flags."""
    below = key.subkeys.get("UpdateExeVolatile", {})
    flags = {"UpdateExeVolatile": key.values.get("UpdateExeVolatile"), r"UpdateExeVolatile\Flags": below.get("Flags")}
    return [name for name, value in flags.items() if whole(value)]


def _listed(value: object) -> int:
    """Files of a rename list: pairs of lines, from and to (empty: removed)."""
    lines = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return sum(isinstance(line, str) and line.startswith("\\") for line in lines)


def _hotfixes(told: Told) -> Hotfixes:
    need_windows(told, "its list of hotfixes")
    try:
        rows = told.value(HOTFIX_READ.name)
    except UnobservedError as error:
        return Hotfixes(None, untold=error.reason)
    if not isinstance(rows, list):
        return Hotfixes(None, untold="the list has not the shape that the contract promises")
    found = [row for row in rows if isinstance(row, dict)]
    dated = [(day, clipped(row.get("HotFixID"))) for row in found if (day := installed_on(row.get("InstalledOn")))]
    if not dated:
        return Hotfixes(None, count=len(found), untold=f"none of {len(found)} hotfixes has a readable day")
    last, name = max(dated)
    return Hotfixes(last, name, len(found))


def installed_on(value: object) -> date | None:
    """The day of InstalledOn, None for one that cannot be read.

    It is text without a fixed form: month/day/year, whatever the culture, on most systems; day.month.year,
    year-month-day and yyyymmdd have been seen, and 16 hex digits of a FILETIME on Vista and Server 2008. An agent that
    got a real time sends seconds since the epoch.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC).date() if value > 0 else None
        if not isinstance(value, str):
            return None
        text = value.strip()
        if re.fullmatch("[0-9a-fA-F]{16}", text):
            return (_FILETIME_EPOCH + timedelta(microseconds=int(text, 16) // 10)).date()
        return _written(text)
    except (ValueError, OverflowError, OSError):
        return None


def _written(text: str) -> date | None:
    if found := re.match(r"([0-9]{4})[-/.]?([0-9]{2})[-/.]?([0-9]{2})(?:[0-9]{6}\.|(?![0-9]))", text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := re.match(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})(?![0-9])", text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    if found := re.match(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})(?![0-9])", text):
        first, second = int(found[1]), int(found[2])
        month, day = (second, first) if first > 12 else (first, second)
        return date(int(found[3]), month, day)
    return None


RESTART = FactKind("restart", _restart, (SERVICING, UPDATE, UPDATE_EXE, RENAMES), rests_on=("system",))
HOTFIXES = FactKind("hotfixes", _hotfixes, (HOTFIX_READ,), rests_on=("system",))
