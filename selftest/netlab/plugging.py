"""Puts a lab's cables in: links between its machines, and one to the controller's own namespace."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from netlab import ground, wiring
from netlab.host import LabError, Machine
from netlab.spec import LabSpec


def plug(spec: LabSpec, machines: Mapping[str, Machine]) -> tuple[str, int]:
    """Makes all links; returns the controller's link and the lab's number, which names its management network."""
    router = machines["router"].pid
    pids = [machines[host.name].pid for host in spec.hosts]
    ip("-batch", "-", text=wiring.cables(spec, router, pids))
    for number in range(250):  # the link's name is the lock on its number
        network = wiring.management(number)
        name = f"{spec.prefix}-{number}"
        if ground.collides(network, spec.prefix):
            continue
        if ip("link", "add", "name", name, "type", "veth", "peer", "name", "up0", "netns", str(router), check=False):
            continue
        ip("addr", "add", f"{network[1]}/24", "dev", name)
        ip("link", "set", name, "up")
        return name, number
    raise LabError("no free management network in 10.78.0.0/16")


def unplug(link: str) -> None:
    """Removes the controller's link; the others end with their namespaces."""
    ip("link", "del", link, check=False)


def ip(*argv: str, text: str = "", check: bool = True) -> int:
    """Runs `ip` in the controller's namespace and returns its exit code; raises LabError when that must be 0."""
    done = subprocess.run(["ip", *argv], input=text, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise LabError(f"ip {' '.join(argv)}: {done.stderr}{text}")
    return done.returncode
