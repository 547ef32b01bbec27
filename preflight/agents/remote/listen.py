"""The listen agent: opens and closes the windows in which temporary listeners stand."""

import re

from preflight.agents.remote.core import Agent, raise_file_limit
from preflight.agents.remote.doors import Door
from preflight.agents.remote.grammar import REQUIRED, RequestError, take
from preflight.agents.remote.window import Window

MYPY = False
if MYPY:
    from typing import Any, Optional

LISTEN = {
    "id": ("text", REQUIRED),
    "token": ("text", REQUIRED),
    "window_s": ("period", REQUIRED),
    "listeners": ("list", REQUIRED),
}
LISTENER = {
    "key": ("text", REQUIRED),
    "protocol": ("protocol", REQUIRED),
    "port": ("port", REQUIRED),
    "bind": ("text", "0.0.0.0"),  # noqa: S104 - the product, too, listens on all addresses
    "prove": ("text", ""),
}
MAX_WINDOW_S = 30.0


class ListenAgent(object):
    """Takes the requests `listen` and `close`."""

    def __init__(self) -> None:
        self.agent = Agent("listen")
        self.room = raise_file_limit()
        self.window: "Optional[Window]" = None
        self.known: "set[str]" = set()
        self.agent.handlers = {"listen": self.listen, "close": self.close}

    def listen(self, request: "dict[str, Any]") -> None:
        """Opens a window; one that is still open is replaced."""
        asked = take("listen", request, LISTEN)
        if asked["window_s"] > MAX_WINDOW_S:
            raise RequestError("a window is %g s at most" % MAX_WINDOW_S)
        if not re.match(r"[0-9a-f]{16}\Z", asked["token"]):
            raise RequestError("listen: the token is not 16 hex digits")
        doors = [Door(take("a listener", listener, LISTENER)) for listener in asked["listeners"]]
        if self.window is not None and self.window.thread is not None:
            self.window.end("replaced")
            self.window.thread.join()
        self.known.add(asked["id"])
        self.window = Window(self.agent, asked["id"], asked["token"], asked["window_s"], doors, self.room)
        self.window.thread = self.agent.guarded(asked["id"], self.window.run)

    def close(self, request: "dict[str, Any]") -> None:
        """Ends the window; one that is over already needs nothing."""
        ident = take("close", request, {"id": ("text", REQUIRED)})["id"]
        if ident not in self.known:
            raise RequestError("no window has had this id")
        if self.window is not None and self.window.ident == ident:
            self.window.end("asked")


if __name__ == "__main__":
    ListenAgent().agent.serve()
