"""Runs the gather agent on a recorded Windows server: registry and CIM by stand-ins, addresses and ports for real."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

from checklist.item_cases import catalogue
from gather_run import HERE, facts, powershell
from world_files import WindowsWorld

from preflight.agents.reads import Read
from preflight.agents.scripts import powershell_command, powershell_feed
from preflight.facts.registry import reads_for
from preflight.plan.build import build_plan
from preflight.topology.model import Topology
from preflight.values.observation import Fact, HostObservation

# Makes a library that has a version. Off Windows .NET reads versions of its own libraries alone, so it is one of those.
LIBRARY = """
$made = [Reflection.Emit.PersistedAssemblyBuilder]::new([Reflection.AssemblyName]::new('msi'), [object].Assembly, $null)
$attribute = [Reflection.AssemblyFileVersionAttribute].GetConstructor([type[]]@([string]))
$made.SetCustomAttribute([Reflection.Emit.CustomAttributeBuilder]::new($attribute, [object[]]@('VERSION')))
$null = $made.DefineDynamicModule('msi')
$made.Save('PATH')
exit 0
"""


def asked_of(machine: str, site: Topology) -> tuple[Read, ...]:
    """What the plan asks of a machine besides the standing facts, as the survey puts it together."""
    cases = [case for case in build_plan(catalogue(), site) if case.destination == machine]
    wanted = {read.name: read for read in reads_for(sorted({fact for case in cases for fact in case.facts}))}
    wanted |= {read.name: read for case in cases for read in case.reads}
    return tuple(wanted.values())


@cache
def library_of(version: str, folder: Path) -> Path:
    """A library that has this version."""
    path = folder / f"{version}.dll"
    script = LIBRARY.replace("PATH", str(path)).replace("VERSION", version).encode("ascii")
    command, feed = powershell_command(powershell()), powershell_feed(script, [])
    subprocess.run(command, input=feed, check=True, capture_output=True, timeout=120)
    return path


def told_by(
    world: WindowsWorld, machine: str, site: Topology, folder: Path, beside: tuple[str, ...] = ()
) -> HostObservation:
    """What the agent tells of the world's server.

    `beside`: a command that runs the agent, on the server's ground; its arguments follow.
    """
    files = world.written(folder)
    library = library_of(world.data["msi"], Path(site.file).parent)
    shutil.copyfile(library, folder / "Windows\\System32\\msi.dll")  # one name on Linux
    wrap = ["unshare", "--net", "--mount", "--uts", sys.executable, "-S", str(HERE / "world_ground.py")]
    wrap.append(json.dumps(world.ground))
    if not world.data.get("elevated", True):
        wrap += ["unshare", "--user", "--map-user=1000"]
    told = facts(
        "windows2019",
        "cim",
        registry=files["registry"],
        env={
            "PREFLIGHT_STANDIN_DATA": str(files["host"]),
            "PREFLIGHT_STANDIN_CIM": str(files["host"]),
            "PREFLIGHT_STANDIN_DENIES": world.data["denies"],
            "PWSH_CULTURE": world.data["culture"],
            "SystemRoot": str(folder / "Windows"),
        },
        wrap=(*wrap, *beside),
        folder=folder,
        services=catalogue().product.services,
        reads=[read.model_dump(mode="json") for read in asked_of(machine, site)],
    )
    known = {n: Fact(n, e["status"], e["value"], e["detail"], e["took_ms"]) for n, e in told.items()}
    return HostObservation(machine, True, "PowerShell over a recorded server", time.time(), facts=known)
