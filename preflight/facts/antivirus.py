"""Antivirus of a Windows host: which products, Defender's state, and the folders that Defender spares.

Defender is asked by its own CIM classes, and by the registry where these do not answer. SecurityCenter2, which knows
products of other makers, is absent on servers: those are known by services and names of programs alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from preflight.facts.antivirus_reads import (
    EXCLUDED,
    EXCLUDED_BY_POLICY,
    MODE,
    POLICY,
    PREFERENCE,
    READS,
    REALTIME,
    STATUS,
    antivirus_products,
)
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.registry_key import RegistryKey, registry_key
from preflight.facts.software import Program, parse_software
from preflight.facts.standing import lines
from preflight.facts.windows import need_windows, whole
from preflight.facts.windows_services import WindowsService, alike, parse_services, plain

SERVICE = "WinDefend"
MOST = 2000  # exclusions that are read of a host


@dataclass(frozen=True, slots=True)
class Stranger:
    """A product of another maker, and what shows it."""

    product: str
    evidence: str
    running: bool


@dataclass(frozen=True, slots=True)
class Defender:
    """Microsoft Defender; `real_time` None: not told. `exclusions` None: hidden or not told, `why` says which."""

    running: bool
    mode: str  # Normal, Passive Mode, EDR Block Mode, ...; empty where it is not told
    real_time: bool | None
    exclusions: tuple[str, ...] | None
    source: str  # of the exclusions
    why: str = ""

    @property
    def passive(self) -> bool:
        """Whether it has stepped back for another product."""
        return self.mode.casefold().startswith(("passive", "edr", "sxs"))

    @property
    def guards(self) -> bool | None:
        """Whether it looks at files as they are used; None where that was not told."""
        if not self.running or self.passive:
            return False
        return self.real_time


@dataclass(frozen=True, slots=True)
class Antivirus:
    """What there is; Defender is None where neither its service nor its interface is there."""

    defender: Defender | None
    others: tuple[Stranger, ...]


def parse_antivirus(told: Told) -> Antivirus:
    """Raises UnobservedError where services are not known: another product could not be ruled out."""
    need_windows(told, "its antivirus")
    services = parse_services(told)
    own = next((service for service in services if service.name.casefold() == SERVICE.casefold()), None)
    return Antivirus(_defender(told, own), tuple(_others(services, _programs(told))))


def _programs(told: Told) -> tuple[Program, ...]:
    try:
        return parse_software(told).programs
    except UnobservedError:
        return ()  # services alone tell most of them


def _others(services: tuple[WindowsService, ...], programs: tuple[Program, ...]) -> list[Stranger]:
    found = []
    for entry in antivirus_products():
        mine = [s for s in services if alike(s.name, entry.services)]
        named = [p for p in programs if alike(p.name, entry.names)]
        running = next((s for s in mine if s.running), None)
        if mine:
            found.append(Stranger(entry.product, f"service {running or mine[0]}", running is not None))
        elif named:
            found.append(Stranger(entry.product, f"installed program {named[0]}", False))
    return found


def _defender(told: Told, service: WindowsService | None) -> Defender | None:
    status = _first(told, STATUS.name)
    if not status and service is None:
        return None
    policy = _key(told, POLICY.name)
    enabled = status.get("RealTimeProtectionEnabled")
    mode = plain(_first(told, MODE.name).get("AMRunningMode"))
    real_time = enabled if isinstance(enabled, bool) else _real_time(told, policy)
    running = (service is None or service.running) and status.get("AMServiceEnabled") is not False
    exclusions, source, why = _exclusions(told, policy)
    return Defender(running, mode, real_time, exclusions, source, why)


def _real_time(told: Told, policy: RegistryKey | None) -> bool | None:
    """By the registry: on unless something switches it off. None where neither key could be read."""
    own = _key(told, REALTIME.name)
    if own is None or policy is None:
        return None
    below = [values.get("DisableRealtimeMonitoring") for values in policy.subkeys.values()]
    off = [own.values.get("DisableRealtimeMonitoring"), policy.values.get("DisableAntiSpyware"), *below]
    return not any(whole(value) == 1 for value in off)


def _exclusions(told: Told, policy: RegistryKey | None) -> tuple[tuple[str, ...] | None, str, str]:
    """The folders, where they are from, and why they are not known."""
    hiding = [policy.values, *policy.subkeys.values()] if policy else []
    if any(whole(values.get("HideExclusionsFromLocalAdmins")) == 1 for values in hiding):
        return None, "", "a policy hides the exclusions from administrators (HideExclusionsFromLocalAdmins)"
    paths = _first(told, PREFERENCE.name).get("ExclusionPath", _Untold)
    if paths is not _Untold and (paths is None or isinstance(paths, list | str)):
        named = _texts(paths)
        if any(path.upper().startswith("N/A") for path in named):
            return None, "", f"Defender does not show them to this account ({named[0]})"
        if named or _elevated(told):  # newer ones show nobody but administrators any, and do not say so
            return named, "MSFT_MpPreference", ""
    keys = [_key(told, read.name) for read in (EXCLUDED, EXCLUDED_BY_POLICY)]
    if policy is None or any(key is None for key in keys):
        return None, "", "neither Defender's own interface nor the registry told them"
    by_policy = [text for values in hiding for text in _texts(values.get("ExcludedPaths"), "|")]
    return tuple(dict.fromkeys([*(n for k in keys if k for n in k.values), *by_policy]))[:MOST], "the registry", ""


def _elevated(told: Told) -> bool:
    value = told.value("system")
    return isinstance(value, dict) and value.get("elevated") is True


class _Untold:
    """A property that an answer lacks; None is an answer: there are none."""


def _texts(value: object, separator: str = "\n") -> tuple[str, ...]:
    parts = value.split(separator) if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(text for part in parts[:MOST] if (text := plain(part)))


def _first(told: Told, name: str) -> dict[str, object]:
    """The only instance of a class, empty where it could not be had."""
    try:
        return next(iter(lines(told.value(name), name)), {})
    except UnobservedError:
        return {}


def _key(told: Told, name: str) -> RegistryKey | None:
    """A key; an absent one is an empty one, None stands for one that could not be read."""
    try:
        return registry_key(told, name) or RegistryKey()
    except UnobservedError:
        return None


ANTIVIRUS = FactKind("antivirus", parse_antivirus, READS, rests_on=("system",))
