"""The ports of a case as headings name them: those that the site uses, ranges whole, and not each port by itself."""

from __future__ import annotations

from preflight.run.model import CaseResult
from preflight.values.spans import port_list, ports_text


def used_ports(case: CaseResult, most: int = 0) -> str:
    """`tcp 80/443` where either may be used, `tcp 443` where the site chose, `tcp 50000-50015` of a range; or ``.

    `most`: so many ports or ranges, then dots; a number itself is never cut. 0: all of them.
    """
    ports, joint = case.chosen or case.ports, ", "
    if case.spans:
        pieces = ports_text(case.spans).split(joint)
    elif case.notation == "slash":
        pieces, joint = [str(port) for port in ports], "/"
    else:
        pieces = port_list(ports).split(joint)
    shown = pieces[:most] if most else pieces
    return f"{case.protocol or ''} {joint.join([*shown, *(['...'] if len(shown) < len(pieces) else [])])}".strip()
