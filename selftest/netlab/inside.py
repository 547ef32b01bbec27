"""First process of a lab host: prepares its namespaces, starts its services, does what the lab says, dies with it.

Run by path, with nothing but the standard library. One JSON object a line, in and out. When standard input ends the
lab is gone, however it ended: this process returns, and the kernel ends everything in its process namespace.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Message = dict[str, Any]
UNITS = Path("/etc/systemd/system")


class Host:
    """What runs here, and the lab's commands as methods; each returns the answer's fields."""

    def __init__(self) -> None:
        self.running: dict[str, list[subprocess.Popen[bytes]]] = {}

    def setup(self, message: Message) -> Message:
        """Mounts, name, links, kernel settings, then services and the way of management."""
        socket.sethostname(message["hostname"])
        for source, target in message["binds"].items():
            _run(["mount", "--bind", source, target])
        _run(["mount", "-t", "proc", "proc", "/proc"])
        _run(["mount", "-t", "sysfs", "sysfs", "/sys"])
        for target in ("/run", str(UNITS)):
            _run(["mount", "-t", "tmpfs", "-o", "mode=755", "netlab", target])
        for folder in ("/run/systemd/system", "/run/sshd", "/run/home"):
            Path(folder).mkdir(parents=True)
        _run(["ip", "-batch", "-"], message["ip"])
        for name, value in message["sysctl"].items():
            Path("/proc/sys", name).write_text(value, encoding="ascii")
        started = [self._begin(service) for service in message["services"]]
        if message["daemon"]:
            self._keep("management", _daemon(message["daemon"]))
        for service, process in zip(message["services"], started, strict=True):
            _await(service, process)
        return {}

    def serve(self, message: Message) -> Message:
        """Starts one more service."""
        _await(message["service"], self._begin(message["service"]))
        return {}

    def stop(self, message: Message) -> Message:
        """Ends the processes of a service by SIGKILL; its unit file stays."""
        for process in self.running.pop(message["name"], []):
            process.kill()
            process.wait()
        return {}

    def nft(self, message: Message) -> Message:
        """Replaces the rules, and forgets the flows that were let through under the old ones."""
        _run(["nft", "-f", "-"], message["text"])
        _forget_flows()
        return {}

    def started(self, _message: Message) -> Message:
        """Process ids, as this host sees them, of what the lab itself started."""
        return {"pids": [process.pid for group in self.running.values() for process in group]}

    def _begin(self, service: Message) -> subprocess.Popen[bytes] | None:
        if service["unit"]:
            (UNITS / f"{service['name']}.service").write_text(service["unit"], encoding="utf-8")
        if not service["argv"]:
            return None
        process = subprocess.Popen(
            service["argv"],
            executable=service["executable"],
            env={**os.environ, **service["env"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd="/",
        )
        self._keep(service["name"], process)
        return process

    def _keep(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self.running.setdefault(name, []).append(process)


def _daemon(message: Message) -> subprocess.Popen[bytes]:
    with Path(message["log"]).open("ab") as log:
        return subprocess.Popen(
            message["argv"],
            env={**os.environ, **message["env"]},
            stdin=subprocess.PIPE,  # never written to: a WinRM endpoint leaves when it ends
            stdout=log,
            stderr=log,
            cwd=message["cwd"],
        )


def _run(argv: list[str], text: str = "") -> None:
    done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(argv)}: {done.stderr.strip()}\n{text}")


def _await(service: Message, process: subprocess.Popen[bytes] | None) -> None:
    """Waits until a service listens; ours say so themselves, snmpd is seen in the UDP table."""
    if process is None or process.stdout is None:
        return
    if service["ready_udp"]:
        ends = time.monotonic() + 10
        wanted = f":{service['ready_udp']:04X} 00000000:0000"
        while wanted not in Path("/proc/net/udp").read_text(encoding="ascii"):
            if process.poll() is not None or time.monotonic() > ends:
                raise OSError(f"{service['name']} does not listen on UDP {service['ready_udp']}")
            time.sleep(0.01)
    elif process.stdout.readline().strip() != b"ready":
        raise OSError(f"{service['name']} did not start; see init.log of this host")
    process.stdout.close()


def _forget_flows() -> None:
    """Empties the connection tracking table: CT_DELETE without attributes (linux/netfilter/nfnetlink_conntrack.h)."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as link:  # 12: NETLINK_NETFILTER
        head = (20).to_bytes(4, sys.byteorder) + ((1 << 8) | 2).to_bytes(2, sys.byteorder)
        head += (0x5).to_bytes(2, sys.byteorder)  # NLM_F_REQUEST | NLM_F_ACK
        link.send(head + bytes(8) + bytes([socket.AF_INET, 0, 0, 0]))
        error = int.from_bytes(link.recv(4096)[16:20], sys.byteorder, signed=True)
    if error:
        raise OSError(-error, "the connection tracking table could not be emptied")


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main() -> None:
    """Serves the lab until its end of the pipe closes."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1", encoding="ascii")
    host = Host()
    commands: dict[str, Callable[[Message], Message]] = {
        name: getattr(host, name) for name in ("setup", "serve", "stop", "nft", "started")
    }
    # The old /proc is still mounted here: its "self" is the process id that the lab knows us by.
    print(json.dumps({"pid": int(os.readlink("/proc/self"))}), flush=True)  # noqa: PTH115
    pending = b""
    while True:
        ready, _, _ = select.select([0, read_end], [], [])
        if read_end in ready:
            os.read(read_end, 512)
            _reap()
        if 0 not in ready:
            continue
        chunk = os.read(0, 65536)
        if not chunk:
            return
        pending += chunk
        while b"\n" in pending:
            line, pending = pending.split(b"\n", 1)
            message = json.loads(line)
            try:
                answer = commands[message["do"]](message)
            except (OSError, subprocess.SubprocessError, KeyError, ValueError) as error:
                answer = {"error": f"{message['do']}: {type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
