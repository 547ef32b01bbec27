"""The doctor's tests borrow the transports' sshd."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "transports"))
