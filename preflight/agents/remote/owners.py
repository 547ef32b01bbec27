"""Linux: processes out of /proc: who holds a socket, and to which of the product's services he belongs."""

import os
import re
import threading

from preflight.agents.remote.units import Unit, binary_runs, matches

MYPY = False
if MYPY:
    from typing import Optional, Pattern

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}\Z")
PARENTS = 4
PROC = "/proc"


class Process(object):
    """What anybody may see of a process."""

    def __init__(self, pid: int, argv: "list[str]", comm: str, parent: int, unit: str, path: str) -> None:
        self.pid = pid
        self.argv = argv
        self.comm = comm
        self.parent = parent
        self.unit = unit
        self.path = path
        base = argv[0].split("/")[-1] if argv else ""
        self.name = base if NAME.match(base) else comm


def _text(path: str) -> str:
    with open(path, "rb") as source:
        return source.read(65536).decode("utf-8", "replace")


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def read_process(pid: int, own_network: str) -> "Optional[Process]":
    """One process; None when it is gone, a kernel thread, or visibly in another network namespace."""
    home = "%s/%d" % (PROC, pid)
    try:
        argv = _text(home + "/cmdline").split("\0")
        stat = _text(home + "/stat")
    except OSError:
        return None
    if not argv[0]:
        return None
    network = _link(home + "/ns/net")
    if network and own_network and network != own_network:
        return None  # what it does holds no port of this host
    comm = stat[stat.find("(") + 1 : stat.rfind(")")]
    parent = int(stat[stat.rfind(")") + 1 :].split()[1])
    try:
        units = re.findall(r"/([^/\n]+)\.service(?=/|$)", _text(home + "/cgroup"), re.M)
    except OSError:
        units = []
    path = _link(home + "/exe") or (argv[0] if argv[0].startswith("/") else "")
    return Process(pid, [word for word in argv if word], comm, parent, units[-1] if units else "", path)


class Scan(object):
    """One walk through /proc, in a thread of its own: facts take what is there when they may not wait longer."""

    def __init__(self, patterns: "list[Pattern[str]]", units: "list[Unit]") -> None:
        self.patterns = patterns
        self.units = units
        self.processes: "dict[int, Process]" = {}
        self.holders: "dict[str, int]" = {}
        self.hidden = 0  # processes whose sockets the account may not see
        self.blind = False  # /proc is mounted with hidepid: other accounts' processes cannot be seen at all
        self.done = threading.Event()
        threading.Thread(target=self._walk, daemon=True).start()

    def _walk(self) -> None:
        try:
            own = _link(PROC + "/self/ns/net")
            self.blind = not os.access(PROC + "/1/stat", os.R_OK)
            pids = sorted(int(name) for name in os.listdir(PROC) if name.isdigit())
            for pid in pids:
                process = read_process(pid, own)
                if process is not None:
                    self.processes[pid] = process
                    self._walk_files(pid)
        finally:
            self.done.set()

    def _walk_files(self, pid: int) -> None:
        home = "%s/%d/fd" % (PROC, pid)
        try:
            names = os.listdir(home)
        except PermissionError:
            self.hidden += 1
            return
        except OSError:
            return
        for name in names:
            target = _link(home + "/" + name)
            if target.startswith("socket:["):
                self.holders.setdefault(target[8:-1], pid)

    def service_of(self, pid: int) -> "Optional[str]":
        """The product's service that a process, or one of its four parents, is."""
        for _ in range(PARENTS + 1):
            process = self.processes.get(pid)
            if process is None or pid == os.getpid():
                return None
            name = self.service_named(process)
            if name is not None:
                return name
            pid = process.parent
        return None

    def service_named(self, process: Process) -> "Optional[str]":
        """The product's service that this very process is, by its name, its unit or its unit's binary."""
        for name in (process.name, process.comm, process.unit):
            if name and matches(self.patterns, name):
                return name
        for unit in self.units:
            if binary_runs(unit, process.argv, process.path):
                return unit.name
        return None
