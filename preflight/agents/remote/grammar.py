"""How an agent reads a request: the fields that it must have, and of what kind."""

MYPY = False
if MYPY:  # the checker reads this, a target never imports typing (it would cost start-up time)
    from typing import Any, Callable

REQUIRED = object()


class RequestError(Exception):
    """A request that does not follow the contract; the text is for a person."""


class AbsentError(Exception):
    """What was asked cannot be had on this system; the text says why."""


class LateError(Exception):
    """What was asked took longer than its deadline; the text says what did."""


def show_line(line: bytes) -> str:
    """The beginning of a line that is refused; one that speaks of a password is not repeated."""
    return "not shown, it may hold a password" if b"#secret" in line.lower() else ascii(line[:60])


def is_number(value: "Any") -> bool:
    """A finite number; JSON of Python would let NaN and Infinity through."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 1e12  # false for NaN, too


def is_hex(value: "Any") -> bool:
    """Whole bytes, written as hex."""
    if not isinstance(value, str) or not (value == "" or value.isalnum()):
        return False
    try:
        return len(bytes.fromhex(value)) * 2 == len(value)
    except ValueError:
        return False


KINDS: "dict[str, Callable[[Any], bool]]" = {
    "text": lambda v: isinstance(v, str),
    "flag": lambda v: isinstance(v, bool),
    "hex": is_hex,
    "seconds": lambda v: is_number(v) and v >= 0,
    "period": lambda v: is_number(v) and v > 0,
    "count": lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 < v < 1000000,
    "size": lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= 262144,
    "port": lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= 65535,
    "protocol": lambda v: isinstance(v, str) and v in ("tcp", "udp"),
    "texts": lambda v: isinstance(v, list) and all(isinstance(item, str) for item in v),
    "list": lambda v: isinstance(v, list),
}


def take(what: str, message: "Any", fields: "dict[str, Any]") -> "dict[str, Any]":
    """The fields of a message by their description {name: (kind, default)}; raises RequestError."""
    if not isinstance(message, dict):
        raise RequestError("%s is not an object" % what)
    unknown = sorted(set(message) - set(fields) - {"do"})
    if unknown:
        raise RequestError("%s has a field that this contract does not know: %s" % (what, ascii(unknown[0])[:80]))
    taken = {}
    for name, (kind, default) in fields.items():
        value = message.get(name, default)
        if value is REQUIRED:
            raise RequestError("%s lacks the field %s" % (what, name))
        if not KINDS[kind](value) and not (value is None and default is None):
            raise RequestError("%s: the field %s is not a %s" % (what, name, kind))
        taken[name] = value
    return taken
