"""A Python that has loaded what all our programs load, and forks one for each that is asked for. See warm_start.py."""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import sys
from typing import Any

# With all that ours stand on. Not what pytest loads as plugins: it wants to be the first to do so.
LOADED = ("preflight", "pytest", "jinja2", "pygments.formatters.terminal")
LEFT_OUT = ("preflight.agents.remote.", "preflight.cli", "preflight.commands", "preflight.lab.wsman.serve")


def load() -> None:
    """Load our modules and what they stand on."""
    for name in LOADED:
        module = importlib.import_module(name)
        if name == "preflight":
            for found in pkgutil.walk_packages(module.__path__, "preflight."):
                if not found.name.startswith(LEFT_OUT):
                    importlib.import_module(found.name)
    # Transports stand on testinfra, which is a plugin: pytest warns of one that is loaded, unless it says not to.
    sys.modules["testinfra"].__doc__ = "PYTEST_DONT_REWRITE"


def serve() -> dict[str, Any]:
    """Fork for every line that asks for a program; in the fork this returns what was asked."""
    asks, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    lines = os.fdopen(asks, "rb")
    for line in iter(lines.readline, b""):
        child = os.fork()
        if not child:
            os.close(answers)
            lines.close()
            asked: dict[str, Any] = json.loads(line)
            return asked
        os.write(answers, b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        os.write(answers, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def become(asked: dict[str, Any]) -> None:
    """Take over a program's folder, environment, output and path, as its start would have."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    for number, file in ((1, asked["out"]), (2, asked["err"])):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    before = [part for part in asked["env"].get("PYTHONPATH", "").split(os.pathsep) if part]
    sys.path[:] = [asked["cwd"], *before, *sys.path[1:]]
    sys.argv[:] = ["", *asked["arguments"]]


load()
gc.collect()
gc.freeze()
program = serve()
become(program)
runpy.run_module(program["module"], run_name="__main__", alter_sys=True)
