"""The gather agent: facts of the host, each in a thread of its own with a deadline of its own. It only reads."""

import json
import os
import queue
import re
import socket
import sys
import threading
import time

from preflight.agents.remote.addresses import read_addresses
from preflight.agents.remote.core import Agent, account, elevated
from preflight.agents.remote.grammar import REQUIRED, AbsentError, LateError, RequestError, take
from preflight.agents.remote.owners import Scan
from preflight.agents.remote.packetfilter import read_packet_filter
from preflight.agents.remote.proctable import cut, read_table, slim
from preflight.agents.remote.reads import answer_read, take_reads
from preflight.agents.remote.units import read_units

MYPY = False
if MYPY:
    from typing import Any, Callable, Optional, Pattern, Tuple

    Answer = Tuple[Any, str]

FACT_NAMES = ["system", "addresses", "listeners", "sockets", "services", "time", "firewall"]
GATHER = {
    "id": ("text", REQUIRED),
    "facts": ("texts", FACT_NAMES),
    "fact_deadline_s": ("period", 4.0),
    "services": ("texts", []),
    "reads": ("list", []),
}
FAMILIES = {"linux": "linux", "win32": "windows", "darwin": "macos"}
LINUX = sys.platform.startswith("linux")


class Question(object):
    """One gather request: the facts that several answers are made of are read once, when first needed."""

    def __init__(self, deadline_s: float, patterns: "list[Pattern[str]]", reads: "dict[str, dict[str, Any]]") -> None:
        self.patterns = patterns
        self.reads = reads
        self.names_until = time.monotonic() + deadline_s * 0.9  # what is told of names by then is told
        self.until = time.monotonic() + deadline_s
        self.patience = time.monotonic() + deadline_s * 0.7  # then a fact goes without owners rather than not at all
        self._lock = threading.Lock()
        self._scan: "Optional[Scan]" = None

    def scan(self) -> Scan:
        """The processes; possibly not all of them, see `Scan.done`."""
        with self._lock:
            if self._scan is None:
                self._scan = Scan(self.patterns, read_units(self.patterns))
        self._scan.done.wait(max(0.0, self.patience - time.monotonic()))
        return self._scan


def need_linux() -> None:
    """Raises AbsentError elsewhere."""
    if not LINUX:
        raise AbsentError("this agent can read that on Linux only, not on %s" % sys.platform)


def system_fact(_: Question) -> "Answer":
    """Name and version of the system, out of os-release on Linux."""
    family = FAMILIES.get(sys.platform, "other")
    name = version = ""
    if LINUX:
        for path in ("/etc/os-release", "/usr/lib/os-release"):
            try:
                with open(path, "rb") as source:
                    text = source.read(65536).decode("utf-8", "replace")
            except OSError:
                continue
            found = {key: value for key, _, value in (line.partition("=") for line in text.splitlines())}
            name, version = (found.get(key, "").strip("\"' ") for key in ("PRETTY_NAME", "VERSION_ID"))
            break
    if not name or not version:
        import platform

        version = version or (platform.mac_ver()[0] if family == "macos" else platform.version())
        name = name or ("%s %s" % (platform.system(), platform.release())).strip()
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    value: "dict[str, Any]" = {"hostname": socket.gethostname(), "family": family, "name": name, "version": version}
    value.update({"architecture": machine, "user": account(), "elevated": elevated()})
    return value, ""


def addresses_fact(_: Question) -> "Answer":
    """The host's own addresses."""
    need_linux()
    return read_addresses(), ""


def time_fact(_: Question) -> "Answer":
    """The host's clock and its distance from UTC."""
    now = time.time()
    return {"epoch": now, "utc_offset_s": int(time.localtime(now).tm_gmtoff or 0)}, ""


def table_fact(question: Question, listening: bool) -> "Answer":
    """Listeners, or all other sockets, with their owners where the account may see them."""
    need_linux()
    rows, remark = cut(read_table(listening))
    remarks = [remark]
    scan = question.scan()
    lines, ownerless = [], 0
    services: "dict[int, Optional[str]]" = {}
    for line, inode in rows:
        pid = scan.holders.get(inode)
        process = scan.processes.get(pid) if pid is not None else None
        if process is None:
            ownerless += inode != "0"  # TIME_WAIT and the like belong to nobody any more
        else:
            if process.pid not in services:
                services[process.pid] = scan.service_of(process.pid)
            line.update(pid=process.pid, process=process.name, path=process.path or None)
            line["service"] = services[process.pid]
        lines.append(line)
    if not scan.done.is_set():
        remarks.append("Reading the processes took too long; owners are incomplete.")
    elif ownerless and (scan.hidden or scan.blind):
        text = "The owners of %d of %d sockets are hidden from %s: run with sudo."
        remarks.append(text % (ownerless, len(lines), account()))
    elif ownerless:
        remarks.append("%d of %d sockets belong to no process that can be seen." % (ownerless, len(lines)))
    lines, remark = slim(lines, lambda some: len(json.dumps(some)))
    return lines, " ".join(text for text in remarks + [remark] if text)


def services_fact(question: Question) -> "Answer":
    """The product's services: unit files and running processes whose name is one of the patterns."""
    need_linux()
    scan = question.scan()
    complete = scan.done.is_set() and not scan.blind
    found: "dict[str, dict[str, Any]]" = {}
    for unit in scan.units:
        path = unit.command[0] if unit.command else ""
        state = "stopped" if complete else "unknown"
        found[unit.name.lower()] = {"name": unit.name, "display": unit.display, "state": state, "path": path}
    for pid, process in sorted(scan.processes.copy().items()):
        name = scan.service_named(process) if pid != os.getpid() else None
        if name is None:
            continue
        line = found.setdefault(name.lower(), {"name": name, "display": "", "path": process.path})
        if "pid" not in line:
            line.update(state="running", pid=pid)
    remark = "" if scan.done.is_set() else "Reading the processes took too long; running services may be missing."
    if scan.blind:
        remark = "Other accounts' processes are hidden from %s (hidepid): run with sudo." % account()
    if not found and not complete:
        # "None" would be read as "not installed", and a listener be opened on a host that may have the product.
        raise PermissionError(remark.replace(": run with sudo.", ""))
    return [found[key] for key in sorted(found)], remark


def firewall_fact(question: Question) -> "Answer":
    """The packet filter's own rules, raw: what they mean is worked out by the controller."""
    need_linux()
    return read_packet_filter(question.patience), ""


FACTS: "dict[str, Callable[[Question], Answer]]" = {
    "system": system_fact,
    "addresses": addresses_fact,
    "listeners": lambda question: table_fact(question, True),
    "sockets": lambda question: table_fact(question, False),
    "services": services_fact,
    "time": time_fact,
    "firewall": firewall_fact,
}


def ask(name: str, question: Question) -> "dict[str, Any]":
    """One fact as the fields of its event; whatever goes wrong is its status."""
    read = question.reads.get(name)
    if name not in FACTS and read is None:
        return {"status": "absent", "detail": "this agent knows no fact %s" % ascii(name)[:80]}
    try:
        value, detail = FACTS[name](question) if read is None else answer_read(read, question.names_until)
    except AbsentError as exc:
        return {"status": "absent", "detail": str(exc)}
    except LateError as exc:
        return {"status": "timeout", "detail": str(exc)}
    except PermissionError as exc:
        return {"status": "denied", "detail": "%s: run with sudo" % exc}
    except Exception as exc:
        return {"status": "error", "detail": "%s: %s" % (type(exc).__name__, exc)}
    return {"status": "ok", "value": value, "detail": detail}


class GatherAgent(object):
    """Takes the request `gather`."""

    def __init__(self) -> None:
        self.agent = Agent("gather")
        self.agent.handlers = {"gather": self.gather}

    def gather(self, request: "dict[str, Any]") -> None:
        """Asks all facts at once; several requests may be under way."""
        asked = take("gather", request, GATHER)
        try:
            patterns = [re.compile(text, re.IGNORECASE) for text in asked["services"]]
        except (re.error, RecursionError, OverflowError) as exc:
            raise RequestError("gather: a pattern of services is no regular expression: %s" % exc)
        reads = take_reads(asked["reads"], asked["facts"])
        question = Question(asked["fact_deadline_s"], patterns, reads)
        self.agent.guarded(asked["id"], lambda: self._run(asked["id"], asked["facts"] + list(reads), question))

    def _run(self, ident: str, names: "list[str]", question: Question) -> None:
        answers: "queue.Queue[tuple[str, dict[str, Any], float]]" = queue.Queue()
        started = time.monotonic()

        def work(name: str) -> None:
            answer = ask(name, question)
            answers.put((name, answer, (time.monotonic() - started) * 1000))

        missing = list(dict.fromkeys(names))
        for name in missing:
            threading.Thread(target=work, args=(name,), daemon=True).start()
        while missing:
            try:
                name, answer, took = answers.get(timeout=max(0.001, question.until - time.monotonic()))
            except queue.Empty:
                break
            missing.remove(name)
            self.agent.emit("fact", id=ident, name=name, took_ms=round(took, 3), **answer)
        took = round((time.monotonic() - started) * 1000, 3)
        for name in missing:
            text = "not read within its deadline"
            self.agent.emit("fact", id=ident, name=name, status="timeout", detail=text, took_ms=took)
        self.agent.emit("done", id=ident)


if __name__ == "__main__":
    GatherAgent().agent.serve()
