"""Which SafeQ a service or a program belongs to, by the number in its names and folders; and what is a client's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from preflight.facts.own_tables import remains
from preflight.facts.standing import Service
from preflight.facts.windows_services import WindowsService, alike, plain

# `other`: lies in another version's folder; `unclear`: only its name is another version's; `helper`: a database or a
# store; `server`: all else.
Whose = Literal["other", "client", "unclear", "helper", "server"]
_NUMBER = re.compile(r"safeq[ _-]?([0-9]{1,4})(?![0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A service of the vendor's, and what it belongs to."""

    name: str
    state: str
    path: str
    whose: Whose

    def __str__(self) -> str:
        return f"{self.name} ({self.state or 'state unknown'}, {self.path or 'path unknown'})"


def part_of(service: Service | WindowsService) -> Part:
    """What a service of the vendor's belongs to; its folder weighs more than its name."""
    path = plain(service.program if isinstance(service, WindowsService) else service.path)
    name, display = plain(service.name), plain(service.display)
    whose: Whose = "server"
    if _another(_numbers(path)[-1:]):  # the innermost folder that has a number
        whose = "other"
    elif _is_client(name, display):
        whose = "client"
    elif _another(_numbers(name, display)):
        whose = "unclear"
    elif alike(name, remains().helpers):
        whose = "helper"
    return Part(name, plain(service.state).lower(), path, whose)


def of_another(program: str) -> bool:
    """Whether an installed program is named after another version, and is no client."""
    return _another(_numbers(program)) and not _is_client(program)


def _is_client(*names: str) -> bool:
    return any(alike(name, remains().clients) for name in names)


def _another(numbers: Iterable[str]) -> bool:
    return any(number != remains().version for number in numbers)


def _numbers(*texts: str) -> list[str]:
    return [number for text in texts for number in _NUMBER.findall(text)]
