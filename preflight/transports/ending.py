"""Why an agent's process ended by itself, read from its exit code and stderr. Pure."""

from __future__ import annotations

import re

from preflight.errors import TransportError
from preflight.transports.clean import last_lines

# Windows' 9009 reaches a POSIX controller as 9009 % 256.
_NOT_FOUND_CODES = (127, 9009, 9009 % 256)
_NOT_FOUND = re.compile(r"not found|no such file|is not recognized|unknown command", re.IGNORECASE)
_NO_SUDO = re.compile(r"sudo: *(command )?not found|unknown command:? *sudo", re.IGNORECASE)
_SUDO = re.compile(
    r"sudo: .*(password|terminal|tty)|sudoers|not allowed to (execute|run)|may not run sudo|\"no new privileges\"",
    re.IGNORECASE,
)


def judge_agent(target: str, code: int, stderr: str, spoke: bool, *, sudo: bool, python: str) -> TransportError:
    """The error of an agent that was started and ended with a code other than 0."""
    said = last_lines(stderr) or "nothing"
    if not spoke and sudo:
        if _NO_SUDO.search(stderr):
            cause = f"{target} has no sudo, and the inventory says `sudo: true`. It said: {said}."
            return TransportError("sudo", cause, "Log in as root, or install sudo there.")
        if _SUDO.search(stderr):
            cause = f"{target} does not let this account use sudo without a password. It said: {said}."
            remedy = f"Allow it with NOPASSWD for {python} in sudoers, or manage the host as root with `sudo: false`."
            return TransportError("sudo", cause, remedy)
    if not spoke and (code in _NOT_FOUND_CODES or (code in (1, 126) and _NOT_FOUND.search(stderr))):
        cause = f"{target} has no {python} that runs (exit code {code}). It said: {said}."
        remedy = "Install Python 3.6 or later there, or name its interpreter as `manage.python`."
        return TransportError("no-python", cause, remedy)
    when = "while it worked" if spoke else "before it said anything"
    if code < 0:
        cause = f"The agent's process for {target} was killed by signal {-code} {when}."
        return TransportError("closed", cause, "Look who ends processes there, memory included, and run again.")
    cause = f"The agent on {target} ended {when} with exit code {code}. It said: {said}."
    return TransportError("other", cause, "Look at what it said; Python 3.6 or later is needed there.")
