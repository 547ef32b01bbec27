"""Lookups in the name service, side by side: one that gets no answer costs no other."""

import collections
import queue
import socket
import threading
import time

MYPY = False
if MYPY:
    from typing import Any

MOST_LOOKUPS = 64  # at a time
NO_SUCH_NAME = ("HostNotFound", "NoData")
# As .NET names the resolver's errors.
LOOKUP_CODES = {
    getattr(socket, code): word
    for code, word in (
        ("EAI_NONAME", "HostNotFound"),
        ("EAI_NODATA", "NoData"),
        ("EAI_AGAIN", "TryAgain"),
        ("EAI_FAIL", "NoRecovery"),
    )
    if hasattr(socket, code)
}


def look_up(way: str, name: str) -> "list[str]":
    """Addresses of a name, or the name of an address; raises OSError, and ValueError for what is neither."""
    if not name.strip():
        raise ValueError("an empty name would be the host itself")
    if way == "forward":
        found = [str(line[4][0]).split("%")[0] for line in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
        return list(collections.OrderedDict.fromkeys(found))
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in name else socket.AF_INET, name)
    except OSError:
        raise ValueError("no address")
    return [socket.getnameinfo((name, 0), socket.NI_NAMEREQD)[0].rstrip(".")]


def read_names(forward: "list[str]", reverse: "list[str]", follow: bool, until: float) -> "dict[str, Any]":
    """What the name service says until then: {forward, reverse, failed}; see NamesRead."""
    value: "dict[str, dict[str, Any]]" = {"forward": {}, "reverse": {}, "failed": {}}
    answers: "queue.Queue[tuple[str, str, list[str], str]]" = queue.Queue()
    asked = collections.OrderedDict.fromkeys([("forward", n) for n in forward] + [("reverse", n) for n in reverse])
    waiting = collections.deque(asked)
    running: "set[tuple[str, str]]" = set()

    def work(way: str, name: str) -> None:
        try:
            answers.put((way, name, look_up(way, name), ""))
        except socket.gaierror as exc:
            answers.put((way, name, [], LOOKUP_CODES.get(exc.args[0], "error %s" % exc.args[0])))
        except (OSError, ValueError) as exc:
            answers.put((way, name, [], "invalid" if isinstance(exc, ValueError) else "error %s" % exc.errno))

    while waiting or running:
        while waiting and len(running) < MOST_LOOKUPS:
            one = waiting.popleft()
            running.add(one)
            threading.Thread(target=work, args=one, daemon=True).start()
        try:
            way, name, found, code = answers.get(timeout=max(0.001, until - time.monotonic()))
        except queue.Empty:
            break
        running.discard((way, name))
        if code:
            value["failed"][name] = code
        if not code or code in NO_SUCH_NAME:
            value[way][name] = found
        for other in found if follow and way == "reverse" else []:
            if ("forward", other) not in asked:
                asked[("forward", other)] = None
                waiting.append(("forward", other))
    value["failed"].update((name, "timeout") for _, name in list(running) + list(waiting))
    return value
