"""Linux: a shared folder by the host's own smbclient: it lists, reads one byte, and writes nothing at all."""

import os
import re
import subprocess
import threading
import time

from preflight.agents.remote.grammar import AbsentError, LateError

MYPY = False
if MYPY:
    from typing import Any, Optional

SMBCLIENT_PLACES = ("/usr/bin/smbclient", "/usr/local/bin/smbclient", "/usr/local/samba/bin/smbclient")
# The host's own settings are left out, so that names are asked where all programs ask, and no old protocol is spoken.
SMBCLIENT_OPTIONS = (
    "--configfile=/dev/null",
    "--quiet",
    "--port=445",
    "--option=name resolve order=host",
    "--option=client min protocol=SMB2",
    "--option=lock directory=/proc/self",  # nothing can be made there: no cache of names is left behind
)
MOST_ENTRIES = 50
LONGEST_PASSWORD = 127  # bytes that smbclient takes from a descriptor
NOT_IN_NAMES = re.compile('["*?<>|:/\x00-\x1f]')
NOBODY = "Anonymous login successful"
LOGIN_FAILED = "session setup failed: NT_STATUS_LOGON_FAILURE"
NT_STATUS = re.compile("NT_STATUS_[A-Z0-9_]+")
# Windows' errors for what the server said, by the table of [MS-ERREF] 2.3.1.
WINDOWS_CODES = {
    "ACCESS_DENIED": 5,
    "ACCOUNT_DISABLED": 1331,
    "ACCOUNT_EXPIRED": 1793,
    "ACCOUNT_LOCKED_OUT": 1909,
    "ACCOUNT_RESTRICTION": 1327,
    "BAD_NETWORK_NAME": 67,
    "BAD_NETWORK_PATH": 53,
    "CONNECTION_ABORTED": 1236,
    "CONNECTION_DISCONNECTED": 1229,
    "CONNECTION_REFUSED": 1225,
    "CONNECTION_RESET": 64,
    "FILE_IS_A_DIRECTORY": 5,
    "HOST_UNREACHABLE": 1232,
    "INVALID_LOGON_HOURS": 1328,
    "INVALID_NETWORK_RESPONSE": 58,
    "INVALID_WORKSTATION": 1329,
    "IO_TIMEOUT": 121,
    "LOGON_FAILURE": 1326,
    "LOGON_TYPE_NOT_GRANTED": 1385,
    "NETWORK_ACCESS_DENIED": 65,
    "NETWORK_UNREACHABLE": 1231,
    "NO_LOGON_SERVERS": 1311,
    "NO_SUCH_FILE": 2,
    "NO_SUCH_LOGON_SESSION": 1312,
    "NO_SUCH_USER": 1317,
    "NOT_A_DIRECTORY": 267,
    "OBJECT_NAME_INVALID": 123,
    "OBJECT_NAME_NOT_FOUND": 2,
    "OBJECT_PATH_NOT_FOUND": 3,
    "OBJECT_PATH_SYNTAX_BAD": 161,
    "PASSWORD_EXPIRED": 1330,
    "PASSWORD_MUST_CHANGE": 1907,
    "REQUEST_NOT_ACCEPTED": 71,
    "SHARING_VIOLATION": 32,
    "TIME_DIFFERENCE_AT_DC": 1398,
    "WRONG_PASSWORD": 86,
}


def read_share(read: "dict[str, Any]", until: float) -> "dict[str, Any]":
    """What came of the folder and of the file in it; `until` by the monotonic clock.

    Raises AbsentError where there is no smbclient, LateError at `until`, OSError for what it does not explain.
    """
    smbclient = next((path for path in SMBCLIENT_PLACES if os.access(path, os.X_OK)), None)
    if smbclient is None:
        raise AbsentError("smbclient, which opens shared folders, is not installed there")
    value: "dict[str, Any]" = {"code": 0, "listed": False, "entries": None, "read": None}
    value.update(logon="given" if read["user"] else "guest", detail="")
    parts = read["path"].lstrip("\\").split("\\")
    inner = [part for part in parts[2:] if part]
    wanted = parts[:2] + inner + (read["file"].split("\\") if read["file"] else [])
    if len(parts) < 2 or any(NOT_IN_NAMES.search(part) or part in ("", ".", "..") for part in wanted):
        value.update(code=123, detail="the path cannot be a name")
        return value
    base = [smbclient] + list(SMBCLIENT_OPTIONS) + ["//%s/%s" % (parts[0], parts[1])]
    folder = ["--directory=" + "\\".join(inner)] if inner else []
    said, count = list_folder(base + folder + ["--command=ls"], read, until)
    if count is None:
        value.update(windows_code(said, True))
        return value
    value.update(listed=True, entries=count)
    if read["file"]:
        said, got = read_byte(base, "\\".join(inner + [read["file"]]), read, until)
        value["read"] = got
        if not got:
            value.update(windows_code(said, False))
    return value


def list_folder(argv: "list[str]", read: "dict[str, Any]", until: float) -> "tuple[str, Optional[int]]":
    """What was said beside entries, and how many there are, as far as they count; None if it was no list."""
    with Smbclient(argv, read, until) as asked:
        said, count = b"", 0
        for line in iter(lambda: asked.output.readline(4096), b""):
            if line.startswith(b"  "):
                count += line.split()[:1] not in ([b"."], [b".."])
                if count >= MOST_ENTRIES:
                    return "", count
            elif len(said) < 4096:
                said += line
        code = asked.ended()
    text = said.decode("utf-8", "replace")
    if read["user"] and NOBODY in text:  # it went on as nobody, where the account was not let in
        return LOGIN_FAILED, None
    return text, count if code == 0 and not NT_STATUS.search(text) else None


def read_byte(argv: "list[str]", path: str, read: "dict[str, Any]", until: float) -> "tuple[str, bool]":
    """What was said, and whether the file's first byte came, or its end where it has none."""
    source, sink = os.pipe()
    try:
        command = 'get "%s" "/dev/fd/%d"\nquit\n' % (path, sink)  # by stdin: only there is ; a letter like others
        with Smbclient(argv, read, until, command, sink) as asked:
            os.close(sink)
            sink = -1
            if os.read(source, 1):
                return "", True
            text = asked.output.read(4096).decode("utf-8", "replace")
            asked.ended()
        return text, "getting file " in text and not NT_STATUS.search(text)
    finally:
        os.close(source)
        if sink >= 0:
            os.close(sink)


def windows_code(said: str, folder: bool) -> "dict[str, Any]":
    """Code and detail out of what smbclient said. Raises OSError where it has no status that can be told."""
    found = NT_STATUS.findall(said)
    status = found[-1] if found else "no status"
    code = WINDOWS_CODES.get(status[len("NT_STATUS_") :])
    if code is None and said.startswith("do_connect:"):  # no address has the name, or no route leads there
        code = 53
    if code is None:
        raise OSError("smbclient said: %s" % ascii(said.strip()[-300:]))
    return {"code": 3 if folder and code == 2 else code, "detail": "smbclient said %s" % status}


def login_lines(user: str, password: str) -> "list[bytes]":
    """What the two pipes hold: the account as an authentication file, and the password, whose blanks count.

    Raises OSError for a login that smbclient does not take.
    """
    domain, _, name = user.rpartition("\\")
    secret = password.encode("utf-8")
    if len(secret) > LONGEST_PASSWORD or any(sign in user + password for sign in "\n\r\0"):
        raise OSError(
            "smbclient takes no login with a line end in it, and no password over %d bytes" % LONGEST_PASSWORD
        )
    lines = "username = %s\n" % name + ("domain = %s\n" % domain if domain else "")
    return [lines.encode("utf-8"), (secret + b"\n") * 2]  # some versions read the password a second time


def filled_pipe(data: bytes) -> int:
    """The end to read from, of a pipe that holds the data: little enough that nobody has to read it first."""
    source, sink = os.pipe()
    os.write(sink, data)
    os.close(sink)
    return source


class Smbclient(object):
    """One run of smbclient, killed when left or when its time is over; the login goes through pipes."""

    def __init__(
        self, argv: "list[str]", read: "dict[str, Any]", until: float, commands: str = "", keep: int = -1
    ) -> None:
        env = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        fds = [keep] if keep >= 0 else []
        self._late = False
        pipes = []
        if read["user"]:
            pipes = [filled_pipe(lines) for lines in login_lines(read["user"], read["password"])]
            env["PASSWD_FD"] = str(pipes[1])
            argv = argv + ["--authentication-file=/dev/fd/%d" % pipes[0]]
        else:
            argv = argv + ["--user=%", "--no-pass"]
        try:
            self._process = subprocess.Popen(
                [word.encode("utf-8") for word in argv],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=env,
                cwd="/",
                pass_fds=fds + pipes,
            )
        finally:
            for pipe_end in pipes:
                os.close(pipe_end)
        self._clock = threading.Timer(max(0.05, until - time.monotonic()), self._kill)
        self._clock.daemon = True
        self._clock.start()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.output = self._process.stdout
        try:
            with self._process.stdin as pipe:
                pipe.write(commands.encode("utf-8"))
        except OSError:
            pass  # it has left already, and said why

    def __enter__(self) -> "Smbclient":
        return self

    def __exit__(self, kind: "Any", *_: "Any") -> None:
        self._clock.cancel()
        self._process.kill()
        self._process.wait()
        self.output.close()
        if self._late and kind is None:
            raise LateError("smbclient was stopped: it had no answer in time")

    def ended(self) -> int:
        """The exit code, when it has said everything."""
        return self._process.wait()

    def _kill(self) -> None:
        self._late = True
        self._process.kill()
