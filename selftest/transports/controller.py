"""A controller to be killed: starts the three agents of a machine, tells their pids, waits for ever. Run by a test."""

from __future__ import annotations

import json
import queue
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from standin import secrets

from preflight.agents.contract import HelloEvent
from preflight.agents.session import AgentSession, Inbox
from preflight.topology.model import Machine, Manage
from preflight.transports.registry import open_backend

way = Manage(**json.loads(sys.argv[1]))
backend = open_backend(Machine("host1", frozenset(), "127.0.0.1", "main", None, way), secrets, None)
inbox: Inbox = queue.SimpleQueue()
sessions = []
for agent in ("gather", "exchange", "listen"):
    sessions.append(AgentSession(backend, agent, inbox, 600))
    hello = inbox.get()[2]
    print("pid", hello.pid if isinstance(hello, HelloEvent) else hello, flush=True)
print("ready", flush=True)
time.sleep(600)
