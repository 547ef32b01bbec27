"""Whether a host showed an account all of its services: Win32_Service leaves out those that it may not see.

Windows' service control has rights of its own, beside those of the management interface: an account that is no
administrator and came over the network is shown the services whose own rights name it, and is not told of the others.
The registry lists all, and lets every user read that.
"""

from __future__ import annotations

from collections.abc import Iterable

from preflight.agents.reads import RegistryRead
from preflight.facts.model import Told, UnobservedError
from preflight.facts.registry_key import registry_key
from preflight.facts.windows import whole

SERVICE_KEYS_READ = RegistryRead(
    name="windows_services:keys",
    path=r"HKLM\SYSTEM\CurrentControlSet\Services",
    values=("Type", "DeleteFlag"),
    subkeys=True,
)
PROGRAM = 0x30  # of Type: a process of its own, or a shared one; the others are drivers
TEMPLATE = 0x40  # of Type: each user gets a service made after it, it is none itself
_DO = "Use an account with administrator rights, elevated: service control shows all services to no other by default."


def need_all_services(told: Told, seen: Iterable[str]) -> None:
    """Raises UnobservedError where an account without administrator rights was shown less than the registry lists.

    `seen`: the names that it was shown.
    """
    system = told.facts.get("system")
    if system is None or not isinstance(system.value, dict) or system.value.get("elevated") is not False:
        return
    key = registry_key(told, SERVICE_KEYS_READ.name, part=True)
    shown = {name.casefold() for name in seen}
    listed = [name for name, values in key.subkeys.items() if _is_service(values)] if key else []
    hidden = sorted(name for name in listed if name.casefold() not in shown)
    account = "to this account, which is no elevated administrator"
    if hidden:
        few = ", ".join("".join(c if c.isprintable() else " " for c in name[:60]) for name in hidden[:5])
        more = ", ..." if len(hidden) > 5 else ""
        raise UnobservedError(
            f"{told.host} does not show {len(hidden)} of its {len(listed)} services {account}: {few}{more}", _DO
        )
    remark = told.facts[SERVICE_KEYS_READ.name].detail
    if not listed or remark:  # what was left out of the list may be hidden, too
        why = remark or "the registry lists none"
        raise UnobservedError(f"whether {told.host} shows all of its services {account}, is not known: {why}", _DO)


def _is_service(values: object) -> bool:
    if not isinstance(values, dict):
        return False
    kind = whole(values.get("Type")) or 0
    return bool(kind & PROGRAM) and not kind & TEMPLATE and whole(values.get("DeleteFlag")) != 1
