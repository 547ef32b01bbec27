"""The part that every Python agent shares: requests in, events out, and three ways to die.

Runs on the target under Python 3.6 or later with the standard library only; scripts.py puts an agent behind it.
"""

import json
import os
import queue
import signal
import sys
import threading
import time

from preflight.agents.remote.grammar import RequestError, show_line, take

MYPY = False
if MYPY:  # the checker reads this, a target never imports typing (it would cost start-up time)
    from typing import Any, Callable

CONTRACT = 1
MAX_REQUEST_BYTES = 64 * 1024 * 1024
MAX_EVENT_BYTES = 4 * 1024 * 1024  # the controller refuses longer lines
FIRST_HELLO_S = 30.0  # an agent that nobody greets must not stay
LONGEST_LIFE_S = 86400.0


def account() -> str:
    """The account's name without the name service, which may hang when its directory does."""
    if hasattr(os, "geteuid"):
        try:
            with open("/etc/passwd", "rb") as lines:
                for line in lines:
                    parts = line.decode("utf-8", "replace").split(":")
                    if len(parts) > 2 and parts[2] == str(os.geteuid()):
                        return parts[0]
        except OSError:
            pass
    fallback = str(os.geteuid()) if hasattr(os, "geteuid") else "unknown"
    return os.environ.get("USERNAME") or os.environ.get("USER") or os.environ.get("LOGNAME") or fallback


def elevated() -> bool:
    """True for root, or for an elevated administrator."""
    if hasattr(os, "geteuid"):
        return os.geteuid() == 0
    try:
        import ctypes

        return bool(getattr(ctypes, "windll").shell32.IsUserAnAdmin())  # noqa: B009 - no such name off Windows
    except (AttributeError, OSError):
        return False


def raise_file_limit() -> int:
    """Raises the soft limit of open files as far as the account may, and says how many sockets fit."""
    if os.name == "nt":
        return 480  # select() of Python on Windows takes 512
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft == resource.RLIM_INFINITY:
        return 65536 - 64
    if soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (ValueError, OSError):
            pass
    return max(16, soft - 64)


def whole(value: "Any") -> "Any":
    """The value with every half surrogate in its texts replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, (list, tuple)):
        return [whole(item) for item in value]
    return {whole(key): whole(item) for key, item in value.items()} if isinstance(value, dict) else value


class Agent(object):
    """Reads requests, hands them to `handlers` (do -> function), writes events, and ends the process in time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.handlers: "dict[str, Callable[[dict[str, Any]], None]]" = {}
        self.greeted = False
        self._lines: "queue.Queue[bytes]" = queue.Queue()
        self._events: "queue.Queue[bytes]" = queue.Queue()
        self._heard = time.monotonic()
        self._heartbeat: "Any" = None
        self._finish = False
        self._ended = False  # stdin has
        self._working: "list[threading.Thread]" = []
        self._dies = self._heard + FIRST_HELLO_S

    def emit(self, event: str, **fields: "Any") -> None:
        """Says one event, as one line; never blocks, since a window must close in time though nobody reads."""
        fields["event"] = event
        text = json.dumps(fields, separators=(",", ":"))
        if "\\ud" in text:  # file names that are no UTF-8 would make the line one that no strict reader takes
            text = json.dumps(whole(fields), separators=(",", ":"))
        data = (text + "\n").encode("ascii")
        if len(data) > MAX_EVENT_BYTES:
            text = "an event %s of %d bytes is longer than the contract allows" % (event, len(data))
            data = (json.dumps({"event": "fault", "id": str(fields.get("id", ""))[:200], "text": text}) + "\n").encode()
        self._events.put(data)

    def fault(self, text: str, about: str = "") -> None:
        """Says that something asked could not be done."""
        self.emit("fault", id=about, text=text)

    def guarded(self, about: str, work: "Callable[[], None]") -> threading.Thread:
        """Runs work in a daemon thread; what goes wrong there becomes a fault, never a traceback."""

        def run() -> None:
            try:
                work()
            except Exception as exc:
                self.fault("%s failed: %s: %s" % (self.name, type(exc).__name__, exc), about)

        thread = threading.Thread(target=run, daemon=True)
        self._working = [other for other in self._working if other.is_alive()] + [thread]
        thread.start()
        return thread

    def serve(self) -> None:
        """The agent's main loop; never returns. With `finish`, work outlives stdin, and heartbeats end with it."""
        for name in ("SIGINT", "SIGALRM", "SIGHUP"):
            if hasattr(signal, name):  # die at once and silently, whatever the parent had set
                signal.signal(getattr(signal, name), signal.SIG_DFL)
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()
        threading.Thread(target=self._watch, daemon=True).start()
        for line in iter(self._lines.get, b""):
            self._dispatch(line)
        if self._finish:
            while self._working:
                self._working.pop().join()
            self._events.join()
        os._exit(0)

    def _read(self) -> None:
        """Own thread: the end of stdin is noticed even when everything else is blocked."""
        source = sys.stdin.buffer
        while True:
            try:
                line = source.readline(MAX_REQUEST_BYTES)
            except (OSError, ValueError):
                line = b""
            if not line:
                self._ended = True
                self._lines.put(b"")
                self._leave_unless_asked_to_finish()
                return
            self._heard = time.monotonic()
            self._lines.put(line)

    def _leave_unless_asked_to_finish(self) -> None:
        """Called by whoever comes last: the end of stdin, or the hello that was read before it."""
        if self._ended and self.greeted and not self._finish:
            os._exit(0)

    def _write(self) -> None:
        """Own thread: what has gathered meanwhile goes out together; a controller that is gone ends the agent."""
        while True:
            lines = [self._events.get()]
            while len(lines) < 200 and not self._events.empty():
                lines.append(self._events.get())
            view = memoryview(b"".join(lines))
            while len(view):
                try:
                    view = view[os.write(1, view) :]
                except BlockingIOError:
                    time.sleep(0.005)
                except OSError:
                    os._exit(0)
            for _ in lines:
                self._events.task_done()

    def _arm(self) -> None:
        """An alarm clock kills even when some C code holds the interpreter, so that no thread here can run."""
        if hasattr(signal, "alarm"):
            left = self._dies - time.monotonic()
            beat = None if self._ended else self._heartbeat
            signal.alarm(int(max(0.0, min(left, beat or left))) + 3)

    def _watch(self) -> None:
        while True:
            now = time.monotonic()
            if now >= self._dies:
                os._exit(5)
            if self._heartbeat is not None and not self._ended and now - self._heard > self._heartbeat:
                os._exit(4)
            self._arm()
            time.sleep(0.5)

    def _dispatch(self, line: bytes) -> None:
        about = ""
        try:
            try:
                request = json.loads(line.decode("utf-8"))
            except (ValueError, RecursionError):
                raise RequestError("a line that is not JSON in UTF-8: %s" % show_line(line))
            if not isinstance(request, dict) or not isinstance(request.get("do"), str):
                raise RequestError("a request is an object with the field do: %s" % show_line(line))
            about = request["id"] if isinstance(request.get("id"), str) else ""
            do = request["do"]
            if do == "hello":
                self._hello(request)
            elif not self.greeted:
                raise RequestError("the first request must be hello")
            elif do == "beat":
                take("beat", request, {})
            elif do in self.handlers:
                self.handlers[do](request)
            else:
                raise RequestError("the agent %s does not know the request %s" % (self.name, ascii(do)[:60]))
        except RequestError as exc:
            self.fault(str(exc), about)
        except Exception as exc:
            self.fault("%s failed: %s: %s" % (self.name, type(exc).__name__, exc), about)

    def _hello(self, request: "dict[str, Any]") -> None:
        version = request.get("contract", CONTRACT)
        if version != CONTRACT or isinstance(version, bool):
            self.fault("this agent speaks version %d of the contract, not %s" % (CONTRACT, ascii(version)[:40]))
            self._events.join()
            os._exit(3)
        fields = {"contract": ("count", CONTRACT), "heartbeat_s": ("period", None), "life_s": ("period", 600.0)}
        fields["finish"] = ("flag", False)
        hello = take("hello", request, fields)
        if self.greeted:
            raise RequestError("hello was said already")
        self._finish = hello["finish"]
        self.greeted = True
        self._leave_unless_asked_to_finish()
        self._heartbeat = hello["heartbeat_s"]
        self._dies = time.monotonic() + min(hello["life_s"], LONGEST_LIFE_S)
        self._arm()
        self.emit(
            "hello",
            contract=CONTRACT,
            agent=self.name,
            language="python %d.%d.%d" % sys.version_info[:3],
            pid=os.getpid(),
            user=account(),
            elevated=elevated(),
        )
