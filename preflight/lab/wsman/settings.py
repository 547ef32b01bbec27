"""What an endpoint is like: address, TLS, accounts, quotas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

AuthScheme = Literal["basic", "ntlm"]


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate (with its chain) and its key, PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Defaults are those of Windows Server 2019 ([K]), apart from the address.

    An empty `auth` asks nobody who they are. A name in `users` is `user`, `DOMAIN\\user` or `user@domain`, as the
    client writes it; case does not matter. A password must not hold a colon or a line break where NTLM is offered.
    """

    host: str = "127.0.0.1"
    port: int = 0  # 0: any that is free
    tls: TlsFiles | None = None
    auth: frozenset[AuthScheme] = frozenset({"basic", "ntlm"})
    users: Mapping[str, str] = field(default_factory=dict)  # -> password
    allow_unencrypted: bool = False  # SOAP in clear over HTTP; over HTTPS it does not matter
    max_shells_per_user: int = 30  # on each machine (path)
    max_processes_per_shell: int = 25
    max_envelope_kb: int = 500
    idle_timeout_s: float = 7200.0  # of a shell whose Create names none
    machine: str = "preflight-lab"  # the name in faults
