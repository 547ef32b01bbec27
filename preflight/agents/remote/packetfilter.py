"""Linux: the host's own packet filter as nft tells it; only asked for its list, never changed."""

import json
import os
import subprocess
import threading
import time

from preflight.agents.remote.addresses import read_addresses
from preflight.agents.remote.core import elevated

MYPY = False
if MYPY:
    from typing import Any

NFT_PLACES = ("/usr/sbin/nft", "/sbin/nft", "/usr/local/sbin/nft", "/usr/bin/nft")
MAX_RULESET_BYTES = 2 * 1024 * 1024
LONGEST_NFT_S = 3.0
LEGACY_TABLES = ("/proc/net/ip_tables_names", "/proc/net/ip6_tables_names")


def read_packet_filter(until: float) -> "dict[str, Any]":
    """The fact `firewall`; `until` by the monotonic clock.

    nftables: nft lists it. other: the old iptables has tables here, or there are nftables and no nft to list them.
    none: neither. Raises PermissionError for all but root, OSError or ValueError where nft does not tell.
    """
    if not elevated():
        raise PermissionError("only root may read the packet filter")
    nft = next((path for path in NFT_PLACES if os.access(path, os.X_OK)), None)
    legacy = any(first_bytes(path).strip() for path in LEGACY_TABLES)
    if nft is None:
        loaded = b"\nnf_tables " in b"\n" + first_bytes("/proc/modules")
        return {"kind": "other" if legacy or loaded else "none", "running": None, "interfaces": own_interfaces()}
    ruleset = json.loads(run_bounded([nft, "--json", "list", "ruleset"], until).decode("utf-8", "replace"))
    kind = "other" if legacy else "nftables"
    return {"kind": kind, "running": True, "interfaces": own_interfaces(), "ruleset": ruleset}


def own_interfaces() -> "list[dict[str, Any]]":
    """Interfaces with their addresses: rules name interfaces."""
    found: "dict[str, list[str]]" = {}
    for line in read_addresses():
        found.setdefault(line["interface"], []).append(line["address"])
    return [{"interface": name, "profile": "unknown", "addresses": found[name]} for name in sorted(found)]


def first_bytes(path: str) -> bytes:
    """The beginning of a file; nothing where there is none."""
    try:
        with open(path, "rb") as source:
            return source.read(262144)
    except OSError:
        return b""


def run_bounded(argv: "list[str]", until: float) -> bytes:
    """What a program says, 2 MiB at most; it is killed when its time is over. Raises OSError."""
    seconds = max(0.1, min(LONGEST_NFT_S, until - time.monotonic()))
    asked = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        cwd="/",
    )
    clock = threading.Timer(seconds, asked.kill)
    clock.daemon = True
    clock.start()
    try:
        assert asked.stdout is not None
        with asked.stdout as pipe:
            said = pipe.read(MAX_RULESET_BYTES + 1)
        if len(said) > MAX_RULESET_BYTES:
            asked.kill()
            raise OSError("%s says more than %d bytes" % (argv[0], MAX_RULESET_BYTES))
        code = asked.wait()
    finally:
        clock.cancel()
        if asked.poll() is None:
            asked.kill()
            asked.wait()
    if code != 0:
        raise OSError("%s ended with code %d, or was stopped after %.1f s" % (argv[0], code, seconds))
    return said
