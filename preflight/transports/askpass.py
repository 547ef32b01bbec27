"""Answers ssh's question for a password from the environment; ssh starts it, nothing of ours is imported.

It answers for the one user@host it was made for, and for nothing else: a jump host, a key's passphrase and a question
about an unknown host key get no answer.
"""

from __future__ import annotations

import os
import sys

SECRET = "PREFLIGHT_ASKPASS_SECRET"  # noqa: S105 - the variable's name
TARGET = "PREFLIGHT_ASKPASS_TARGET"  # user@host, as ssh writes it into its question


def answers(prompt: str, target: str) -> bool:
    """True when ssh asks for the password of `target` (OpenSSH cuts the user at 30 and the host at 128 characters)."""
    user, _, host = target.partition("@")
    asked = prompt.strip().lower()
    password = f"{user[:30]}@{host[:128]}'s password:".lower()
    return asked == password or asked.startswith(f"({target.lower()}) ")


def main() -> int:
    """Print the secret, or end with 1."""
    target = os.environ.get(TARGET, "")
    if len(sys.argv) != 2 or not target or not answers(sys.argv[1], target):
        return 1
    sys.stdout.buffer.write(os.environ.get(SECRET, "").encode("utf-8", "surrogateescape") + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
