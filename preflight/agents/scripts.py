"""The text of an agent as it is sent to a host, and the command that takes it in by stdin."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal

AgentName = Literal["gather", "listen", "exchange"]

# Joined in this order into one text; each needs only what stands before it.
PARTS: dict[AgentName, tuple[str, ...]] = {
    "gather": ("grammar", "core", "addresses", "units", "owners", "proctable", "gather"),
    "listen": ("grammar", "core", "doors", "window", "listen"),
    "exchange": ("grammar", "core", "probe", "exchange"),
}
OWN_IMPORT = re.compile(r"^from preflight\.agents\.remote\.\w+ import (?:\([^)]*\)|.*)\n", re.MULTILINE)


@cache
def agent_script(name: AgentName) -> bytes:
    """One agent as one Python 3.6 text: its parts, without the imports between them. The first line names it."""
    folder = files("preflight.agents.remote")
    texts = [folder.joinpath(f"{part}.py").read_text(encoding="utf-8") for part in PARTS[name]]
    return "\n".join([f"# preflight-{name}", *(OWN_IMPORT.sub("", text) for text in texts)]).encode("utf-8")


def bootstrap_command(python: str, script: bytes) -> list[str]:
    """The command that reads exactly the script from stdin and runs it; the rest of stdin stays for the requests.

    The argument of -c needs nothing but double quotes in sh, csh, fish and cmd: it holds no quote, $, backtick, ! or
    backslash. -I and -S keep the target's own settings, home folder and site-packages out. The last argument is for
    people who look at the process list.
    """
    first = script.split(b"\n", 1)[0].decode("utf-8", "replace").split()
    label = first[1] if len(first) == 2 and first[0] == "#" else "preflight-agent"
    code = f"import sys;exec(sys.stdin.buffer.read({len(script)}))"
    return [python, "-I", "-S", "-u", "-c", code, label]
