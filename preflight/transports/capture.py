"""Runs one local command to its end and keeps what it said, bounded: what testinfra's `run` stands on."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from preflight.errors import TransportError
from preflight.transports.process import own_group

MAX_OUTPUT_BYTES = 64 * 1024 * 1024  # each of stdout and stderr


@dataclass(slots=True)
class _Kept:
    parts: list[bytes] = field(default_factory=list)
    size: int = 0


@dataclass(frozen=True, slots=True)
class Captured:
    """What a command left behind."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def capture(
    argv: Sequence[str] | str, *, env: Mapping[str, str] | None = None, shell: bool = False, target: str
) -> Captured:
    """Run it with an empty stdin. Raises OSError when it cannot start, TransportError when it says too much."""
    pipe = subprocess.PIPE
    child = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=env, shell=shell, **own_group()
    )
    kept = (_Kept(), _Kept())
    threads = [
        threading.Thread(target=_keep, args=(child, stream, into), daemon=True)
        for stream, into in zip((child.stdout, child.stderr), kept, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        code = child.wait()
    except BaseException:  # Ctrl-C: the child must not outlive us
        child.kill()
        child.wait()
        raise
    for thread in threads:
        thread.join(2.0)  # a grandchild may still hold the pipe
    if max(k.size for k in kept) > MAX_OUTPUT_BYTES:
        cause = f"A command on {target} said more than {MAX_OUTPUT_BYTES:,} bytes and was ended."
        raise TransportError("contract", cause, "Let the command say less.")
    return Captured(code, b"".join(kept[0].parts), b"".join(kept[1].parts))


def _keep(child: subprocess.Popen[bytes], stream: IO[bytes] | None, into: _Kept) -> None:
    if stream is None:
        return
    with stream:
        while chunk := stream.read1(65536):  # type: ignore[attr-defined]
            into.size += len(chunk)
            if into.size > MAX_OUTPUT_BYTES:
                child.kill()
                return
            into.parts.append(chunk)
