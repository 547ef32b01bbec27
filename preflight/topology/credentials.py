"""Secrets, fetched from where the inventory says they are, at the moment they are needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from preflight.errors import InventoryError
from preflight.topology.model import SecretRef
from preflight.topology.nearest import shown


class Secret:
    """A secret that does not show itself: str, repr, format and tracebacks with locals see `***`."""

    __slots__ = ("_hidden",)

    def __init__(self, text: str) -> None:
        self._hidden = text

    def reveal(self) -> str:
        """The secret itself; for the call that hands it over, and for nothing else."""
        return self._hidden

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


def resolve(ref: SecretRef, ask: Callable[[str], str]) -> Secret:
    """Fetch a secret; `ask` shows a prompt and gives what was typed unseen (getpass).

    Raises InventoryError when the variable is not set or the file cannot be read; the message names the reference only.
    """
    if ref.kind == "env":
        value = os.environ.get(ref.name)
        if value is None:
            raise InventoryError(f"the environment variable {shown(ref.name)} is not set; set it to the secret")
        return Secret(value)
    if ref.kind == "prompt":
        return Secret(ask(ref.name))
    try:
        text = Path(ref.name).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InventoryError(f"the secret file {ref.name} is not UTF-8; save it as UTF-8 text") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "unreadable path"
        raise InventoryError(f"the secret file {ref.name} cannot be read: {reason}; put the secret there") from None
    return Secret(text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text)
