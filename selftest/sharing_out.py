"""How tests are shared out between workers: what shares a server or the machine's network stays in one of them.

pytest-xdist's own marks for groups are without effect: its version 3.8 hangs them at a name that pytest 9.2 ignores.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# By the beginning of a test's id, those first that take longest as a whole, since they are begun first.
TOGETHER = {
    "netlab/": "namespaces",  # names of namespaces and bridges are the whole machine's
    "truth/": "namespaces",
    "directory/": "directory",  # a domain controller and a server with 20,000 entries take long to start
    "shares/": "shares",
    "rulings/test_attest_command.py": "attest",  # one run that all of them speak of
    "signoff/test_signoff_browser.py": "chromium",
    "pictures/": "chromium",
    "database/": "database",
    "lab/": "lab",
}
# Each test by itself, whatever comes next: their files would take a worker too long. All others go by file.
EACH_ALONE = ("powershell/", "agents/", "cli/", "doctor/", "winrm/", "wsman/", "transports/", "house/test_start.py")


def place_in_line(nodeid: str) -> int:
    """Where a test stands in the queue."""
    known = [*TOGETHER, *EACH_ALONE]
    return next((place for place, start in enumerate(known) if nodeid.startswith(start)), len(known))


class InGroups(LoadScopeScheduling):
    """Groups of tests, each in one worker, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(EACH_ALONE):
            return nodeid
        named = next((group for start, group in TOGETHER.items() if nodeid.startswith(start)), "")
        return named or nodeid.partition("::")[0]
