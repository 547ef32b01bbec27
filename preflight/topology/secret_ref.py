"""Where a secret is: what an inventory holds in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is; never the secret."""

    kind: Literal["env", "file", "prompt"]
    name: str
