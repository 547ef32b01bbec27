"""Passwords of reads: put in when the request leaves, and nowhere before; a read without its password is not asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import SecretStr

from preflight.agents.reads import Read

Passwords = Mapping[str, SecretStr | str]  # by the read's name; a text says why it cannot be had


def with_passwords(reads: Iterable[Read], passwords: Passwords) -> tuple[tuple[Read, ...], dict[str, str]]:
    """The reads that can be asked, with their passwords; and by name why others cannot."""
    ready: list[Read] = []
    missing: dict[str, str] = {}
    for read in reads:
        found = passwords.get(read.name)
        if isinstance(found, str):
            missing[read.name] = found
        else:
            ready.append(read if found is None else read.model_copy(update={"password": found}))
    return tuple(ready), missing
