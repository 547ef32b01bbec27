"""Reads: what is asked beside the facts. Each is answered by a fact of its own name, in a thread of its own."""

import os
import re
import stat
import sys

from preflight.agents.remote.grammar import REQUIRED, AbsentError, RequestError, take
from preflight.agents.remote.names import read_names
from preflight.agents.remote.smbshare import read_share

MYPY = False
if MYPY:
    from typing import Any

READ_KINDS: "dict[str, dict[str, Any]]" = {
    "registry": {"path": ("text", REQUIRED), "values": ("texts", []), "subkeys": ("flag", False)},
    "cim": {
        "namespace": ("text", "root/cimv2"),
        "class_name": ("text", REQUIRED),
        "properties": ("texts", REQUIRED),
        "where": ("text", ""),
    },
    "file": {"path": ("text", REQUIRED), "text_bytes": ("size", 0)},
    "names": {"forward": ("texts", []), "reverse": ("texts", []), "follow": ("flag", False)},
    "share": {"path": ("text", REQUIRED), "file": ("text", ""), "user": ("text", ""), "password": ("text", "")},
    "sql": {
        "data_source": ("text", REQUIRED),
        "encrypt": ("flag", True),
        "user": ("text", REQUIRED),
        "password": ("text", ""),
        "databases": ("texts", REQUIRED),
        "server_questions": ("texts", []),
        "questions": ("texts", []),
    },
    "disk": {"path": ("text", REQUIRED)},
}
WINDOWS_ONLY = {
    "registry": "this system has no registry",
    "cim": "this system has no management interface of Windows",
    "sql": "this agent can ask SQL servers on Windows only",
}
MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
NAMED = re.compile("%([^%]+)%")


def take_reads(lines: "list[Any]", facts: "list[str]") -> "dict[str, dict[str, Any]]":
    """The reads of a request by their names, each with a name of its own; raises RequestError."""
    reads: "dict[str, dict[str, Any]]" = {}
    for line in lines:
        read = take_read(line)
        shown = ascii(read["name"])[:80]
        if read["name"] in facts:
            raise RequestError("the read %s has the name of a fact" % shown)
        if read["name"] in reads:
            raise RequestError("two reads have the name %s" % shown)
        reads[read["name"]] = read
    return reads


def take_read(line: "Any") -> "dict[str, Any]":
    """One read; a kind that this agent does not know has no more than its name. Raises RequestError."""
    if not isinstance(line, dict):
        raise RequestError("a read is not an object")
    for field in ("kind", "name"):
        if field not in line:
            raise RequestError("a read lacks the field %s" % field)
        if not isinstance(line[field], str):
            raise RequestError("a read: the field %s is not a text" % field)
    if line["kind"] not in READ_KINDS:
        return {"kind": line["kind"], "name": line["name"]}
    what = "the read %s" % ascii(line["name"])[:80]
    fields = {"kind": ("text", REQUIRED), "name": ("text", REQUIRED)}
    fields.update(READ_KINDS[line["kind"]])
    read = take(what, line, fields)
    if read.get("properties") == []:
        raise RequestError("%s: the field properties is empty" % what)
    return read


def answer_read(read: "dict[str, Any]", until: float) -> "tuple[Any, str]":
    """Value and remark of a read, which shall not take longer than until then; AbsentError, LateError and OSError."""
    kind = read["kind"]
    if kind in WINDOWS_ONLY:
        raise AbsentError(WINDOWS_ONLY[kind])
    if kind == "file":
        return read_file(read)
    if kind == "disk":
        return read_disk(read)
    if kind == "share":
        if not sys.platform.startswith("linux"):
            raise AbsentError("this agent can open shared folders on Linux only, not on %s" % sys.platform)
        return read_share(read, until), ""
    if kind == "names":
        return read_names(read["forward"], read["reverse"], read["follow"], until), ""
    raise AbsentError("this agent knows no read of the kind %s" % ascii(kind)[:80])


def expanded(path: str) -> str:
    """The path with %NAME% replaced by what the environment says, if it says anything."""
    return NAMED.sub(lambda match: os.environ.get(match.group(1), match.group(0)), path)


def read_file(read: "dict[str, Any]") -> "tuple[Any, str]":
    """Size, time and text of a file; one that is not there is an answer, too. Versions are those of Windows' files."""
    path = expanded(read["path"])
    value: "dict[str, Any]" = {"exists": False, "size": None, "modified": None, "version": None, "text": None}
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return value, ""
    value.update(exists=True, modified=found.st_mtime_ns // 1000000 / 1000.0)
    if stat.S_ISDIR(found.st_mode):
        return value, ""
    value["size"] = found.st_size
    if not read["text_bytes"]:
        return value, ""
    if not stat.S_ISREG(found.st_mode):  # a pipe would wait for a writer
        return value, "It is no plain file: its text is not read."
    with open(path, "rb") as source:
        data = source.read(read["text_bytes"])
    value["text"] = as_text(data, len(data) >= found.st_size)
    if len(data) >= found.st_size:
        return value, ""
    return value, "The text is the first %d of %d bytes." % (len(data), found.st_size)


def as_text(data: bytes, complete: bool) -> str:
    """Bytes as text: by the mark at their beginning, else UTF-8 if they are that, else a byte a character.

    A character that the end cuts through is left out.
    """
    import codecs

    for mark, coding in MARKS:
        if data.startswith(mark):
            return codecs.getincrementaldecoder(coding)("replace").decode(data[len(mark) :], complete)
    try:
        return codecs.getincrementaldecoder("utf-8")("strict").decode(data, complete)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_disk(read: "dict[str, Any]") -> "tuple[Any, str]":
    """The mount that holds a path; a path that is not there yet counts as its folder. Free is what is left to use."""
    path = expanded(read["path"])
    if not hasattr(os, "statvfs"):
        raise AbsentError("this agent can measure disks on POSIX systems only, not on %s" % sys.platform)
    volume = os.path.abspath(path)
    while not os.path.ismount(volume):
        volume = os.path.dirname(volume)
    seen = os.statvfs(volume)
    total, free = seen.f_blocks * seen.f_frsize, seen.f_bavail * seen.f_frsize
    return {"path": path, "volume": volume, "total": total, "free": free}, ""
