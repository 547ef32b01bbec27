"""SQL Server Resolution Protocol ([MS-SQLR]): asks the SQL browser on UDP 1434 which instances it knows (O14, O15)."""

from __future__ import annotations

REQUEST = b"\x03"  # CLNT_UCAST_EX, [MS-SQLR] 2.2.2: all instances of this host
_RESPONSE = 0x05  # SVR_RESP, 2.2.5: one byte, two of length (little-endian), then text


def instances(reply: bytes) -> dict[str, int | None] | None:
    """Instance name (upper case) -> its TCP port, None where it has none; None when the bytes are no SSRP answer."""
    if len(reply) < 3 or reply[0] != _RESPONSE:
        return None
    length = int.from_bytes(reply[1:3], "little")
    text = reply[3 : 3 + length].decode("utf-8", "replace")
    found: dict[str, int | None] = {}
    for record in text.split(";;"):
        words = record.split(";")
        fields = {k.lower(): v for k, v in zip(words[::2], words[1::2], strict=False)}
        if name := fields.get("instancename"):
            port = fields.get("tcp", "")
            number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else 0
            found[name.upper()] = number if 1 <= number <= 65535 else None
    return found


def describe(reply: bytes) -> str | None:
    """The instances and their ports, as one line."""
    found = instances(reply)
    if found is None:
        return None
    if not found:
        return "SQL browser answered, with no instance"
    return "SQL browser answered: " + ", ".join(
        f"{name} on TCP {port}" if port else f"{name} without TCP" for name, port in sorted(found.items())
    )
