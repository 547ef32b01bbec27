"""Waits until a new lab carries traffic: every host's way to its gateway, and its way of management."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from netlab.host import PYTHON, LabError, Machine
from netlab.keys import await_ssh
from netlab.spec import LabSpec
from netlab.windows import await_winrm

# A new link carries nothing until the kernel's link watch has seen it, which takes up to a second when many come up at
# once: so every host asks its gateway until somebody answers, and refused is an answer.
_ASK = """
import socket, sys, time
end = time.monotonic() + 15
while time.monotonic() < end:
    s = socket.socket()
    s.settimeout(0.3)
    try:
        s.connect((sys.argv[1], 9))
        sys.exit()
    except ConnectionError:
        sys.exit()
    except OSError:
        time.sleep(0.05)
    finally:
        s.close()
sys.exit("no way to the gateway " + sys.argv[1])
"""


def await_all(spec: LabSpec, machines: Mapping[str, Machine], managed: Mapping[str, str]) -> None:
    """Returns when all hosts reach their gateways and the managed ones can be talked to at these addresses.

    Raises LabError, TimeoutError.
    """
    commands = [machines[h.name].enter([PYTHON, "-c", _ASK, spec.gateway(h.network)]) for h in spec.hosts]
    waits = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for command in commands
    ]
    told = [wait.communicate()[1] for wait in waits]
    failures = [text for wait, text in zip(waits, told, strict=True) if wait.returncode]
    if failures:
        raise LabError("".join(failures))
    for name, address in managed.items():
        (await_ssh if spec.host(name).manage == "ssh" else await_winrm)(address)
