"""One probe of the exchange agent: a socket and the state it is in, from connecting to the outcome."""

import errno
import socket
import time

MYPY = False
if MYPY:
    from typing import Any, Optional

MAX_RECEIVED = 4096
BUSY = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, errno.EINTR, 10035)
REFUSED = (errno.ECONNREFUSED, errno.ECONNRESET, 10061, 10054)
TIMED_OUT = (errno.ETIMEDOUT, 10060)
NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, 10051, 10065)
CUT_OFF = (errno.ECONNRESET, errno.EPIPE, 10054)  # only a connection that stood can be reset; else it is refused
FORBIDDEN = (errno.EACCES, errno.EPERM, 10013)


def code_of(number: int) -> str:
    """The system's name of an error number, its number where it has none; without the WSA of Windows."""
    name = errno.errorcode.get(number, str(number))
    return name[3:] if name.startswith("WSA") else name


def judge(number: int, at_call: bool) -> str:
    """The outcome that an error number means; `at_call`: the system said so itself, before anything was sent."""
    if number in REFUSED:
        return "refused"
    if number in TIMED_OUT:
        return "dropped"
    if number in NO_WAY:
        return "unreachable"
    if number in FORBIDDEN:
        # Later than the call it is an ICMP answer: IPv6 maps "administratively prohibited" to EACCES.
        return "denied" if at_call else "unreachable"
    return "error"


class Probe(object):
    """States: connecting -> sending -> reading -> decided (`outcome` is set). A step never blocks."""

    def __init__(self, request: "dict[str, Any]") -> None:
        self.request = request
        self.key = request["key"]
        self.tcp = request["protocol"] == "tcp"
        self.outgoing = bytes.fromhex(request["send"])
        self.until = bytes.fromhex(request["until"])
        self.received = b""
        self.outcome = ""
        self.code = ""
        self.detail = ""
        self.local: "tuple[str, int]" = ("", 0)
        self.at = 0.0
        self.took_ms = 0.0
        self.deadline = 0.0  # monotonic
        self.state = "new"
        self.sock: "Optional[socket.socket]" = None
        self._started = 0.0

    @property
    def wants_write(self) -> bool:
        """Which of the two the selector must wait for."""
        return self.state in ("connecting", "sending")

    def start(self) -> None:
        """Opens the socket and begins; raises nothing, a failure is an outcome."""
        self.at = time.time()
        self._started = time.monotonic()
        self.deadline = self._started + self.request["timeout_s"]
        try:
            host = self.request["address"].encode("ascii")
            kind = socket.SOCK_STREAM if self.tcp else socket.SOCK_DGRAM
            family, _, _, _, target = socket.getaddrinfo(host, self.request["port"], 0, kind, 0, socket.AI_NUMERICHOST)[
                0
            ]
        except (OSError, ValueError):
            self.decide("error", "", "%s is not an IP address" % ascii(self.request["address"])[:80])
            return
        try:
            self.sock = socket.socket(family, kind)
            self.sock.setblocking(False)
            if self.request["broadcast"] and not self.tcp:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                self.sock.sendto(self.outgoing, target)
                self._note_local()
                self.decide("sent")
                return
            number = self.sock.connect_ex(target)
        except OSError as exc:
            self._fail(exc.errno or 0, True)
            return
        self._note_local()
        if number and number not in BUSY:
            self._fail(number, True)
        elif not number:
            self._connected()
        else:
            self.state = "connecting"

    def step(self) -> None:
        """The socket is ready for what the state waits for."""
        assert self.sock is not None
        try:
            if self.state == "connecting":
                number = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if number in CUT_OFF:
                    self._broken(number)
                elif number:
                    self._fail(number, False)
                else:
                    self._connected()
            elif self.state == "sending":
                self._send()
            elif self.state == "reading":
                self._read()
        except BlockingIOError:
            pass
        except OSError as exc:
            self._broken(exc.errno or 0)

    def expire(self) -> None:
        """The deadline of the present state has passed."""
        if self.state == "connecting":
            self.decide("dropped", "", "no reply within %g s" % self.request["timeout_s"])
        elif self.tcp:
            self.decide("answered" if self.received else "accepted")
        else:
            self.decide("silent", "", "no reply within %g s" % self.request["read_s"])

    def decide(self, outcome: str, code: str = "", detail: str = "") -> None:
        """Sets the outcome; an accepted connection without an answer keeps the time that connecting took."""
        self.outcome, self.code, self.detail = outcome, code, detail
        if outcome != "accepted" or not self.took_ms:
            self.took_ms = (time.monotonic() - self._started) * 1000
        self.state = "decided"

    def close(self) -> None:
        """Gives the socket back."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None

    def _note_local(self) -> None:
        assert self.sock is not None
        try:
            name = self.sock.getsockname()
        except OSError:
            return
        self.local = (name[0].partition("%")[0], name[1])

    def _connected(self) -> None:
        assert self.sock is not None
        self.took_ms = (time.monotonic() - self._started) * 1000
        self._note_local()
        try:
            peer = self.sock.getpeername()
        except OSError:
            number = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                self._broken(number)
            return
        if self.sock.getsockname() == peer:
            # A local port in the ephemeral range with nobody listening: the system joined the socket to itself.
            self.decide("refused", "", "the system connected the socket to itself, so nobody listens there")
            return
        self.state = "sending"
        try:
            self._send()
        except BlockingIOError:
            pass
        except OSError as exc:
            self._broken(exc.errno or 0, not self.tcp)

    def _send(self) -> None:
        assert self.sock is not None
        if self.outgoing or not self.tcp:
            sent = self.sock.send(self.outgoing)
            self.outgoing = self.outgoing[sent:] if self.tcp else b""
        if self.outgoing:
            return
        if self.request["read_s"] > 0:
            self.state = "reading"
            self.deadline = time.monotonic() + self.request["read_s"]
        else:
            self.decide("accepted" if self.tcp else "sent")

    def _read(self) -> None:
        assert self.sock is not None
        data = self.sock.recv(MAX_RECEIVED - len(self.received) if self.tcp else 65536)
        self.received = (self.received + data)[:MAX_RECEIVED]
        if self.tcp and not self.received:
            self.decide("accepted", "", "closed by the other end without a word")
        elif not self.tcp or not data or not self._more_to_come():
            self.decide("answered")

    def _more_to_come(self) -> bool:
        """A listener of ours answers a whole line; else the first bytes are enough, or those that end as was asked."""
        if self.until:
            return len(self.received) < MAX_RECEIVED and not self.received.endswith(self.until)
        started = b"PREFLIGHT/".startswith(self.received[:10]) or self.received.startswith(b"PREFLIGHT/")
        return started and b"\n" not in self.received and len(self.received) < 512

    def _broken(self, number: int, at_call: bool = False) -> None:
        if self.tcp:  # it had been connected: that stays true
            self.decide("answered" if self.received else "accepted", code_of(number), "the connection broke")
        else:
            self._fail(number, at_call)

    def _fail(self, number: int, at_call: bool) -> None:
        self.decide(judge(number, at_call), code_of(number))
