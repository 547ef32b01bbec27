"""A pytest plugin, and a start for other programs: Ctrl-C comes when a module is first imported or a file is written.

PREFLIGHT_TEST_CTRL_C: `import NAME`, or `write FILE [TIMES]`. Ctrl-C is raised by the process itself, with Python's own
answer to it: shells let their background jobs ignore it, and that is inherited.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

WHEN, NAME, *TIMES = os.environ["PREFLIGHT_TEST_CTRL_C"].split()


class _OnImport:
    """Watches imports: the finder that never finds anything."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> None:  # noqa: ARG002
        if name == NAME:
            signal.raise_signal(signal.SIGINT)


def arm() -> None:
    """From now on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if WHEN == "import":
        sys.meta_path.insert(0, _OnImport())
        return
    from preflight.run.store import RunFolder

    write = RunFolder.write

    def interrupted(folder: RunFolder, name: str, content: bytes) -> Path:
        for _ in range(int(TIMES[0]) if TIMES and name == NAME else name == NAME):
            signal.raise_signal(signal.SIGINT)
        return write(folder, name, content)

    RunFolder.write = interrupted  # type: ignore[method-assign]


arm()
if __name__ == "__main__":  # ctrl_c_at.py MODULE WORDS...: as `python -m MODULE WORDS...`
    sys.argv[:] = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
