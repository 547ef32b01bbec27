"""Does a row apply? Conditions of the catalogue evaluated over the site's features, a device or a roaming group."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.catalogue.model import Condition
from preflight.topology.checklist import Checklist
from preflight.topology.model import Features, Machine, RoamingGroup


def is_device(condition: Condition) -> bool:
    """True when the condition is about the device (printer, terminal, reader) and not about the site."""
    inner = (condition.any_ or ()) + (condition.all_ or ())
    if inner:
        return any(is_device(c) for c in inner)
    return any((condition.terminal, condition.vendor, condition.hardware, condition.delivery, condition.scan))


def is_group(condition: Condition) -> bool:
    """True when the condition is about the size of a near roaming group."""
    return condition.group_min is not None or condition.group_max is not None


def site_lacks(conditions: Iterable[Condition], features: Features) -> str | None:
    """The first feature of the site that the row needs and the site lacks, as a sentence; None when none is missing."""
    for condition in conditions:
        if condition.feature is None:
            continue
        value = getattr(features, condition.feature)
        if condition.is_ is None:
            if not value:
                return f"the site does not use it: features.{condition.feature} is off in the inventory"
        elif isinstance(value, frozenset):
            if not value & set(condition.is_):
                return f"the site does not use it: features.{condition.feature} does not name {_either(condition.is_)}"
        elif value not in condition.is_:
            return f"features.{condition.feature} is {value} here; the row is for {_either(condition.is_)}"
    return None


def site_leaves_unsaid(conditions: Iterable[Condition], checklist: Checklist) -> str | None:
    """The first key of the inventory's `checklist` that the row waits for and the site left out, as a sentence."""
    for condition in conditions:
        if condition.said is not None and not getattr(checklist, condition.said):
            return f"the inventory names no {condition.said} (checklist.{condition.said}): the site does not use any"
    return None


def device_lacks(conditions: Iterable[Condition], device: Machine) -> str | None:
    """What the device lacks for the row to concern it, without its name; None when it lacks nothing."""
    for condition in conditions:
        if is_device(condition) and (reason := _device_reason(condition, device)):
            return reason
    return None


def group_lacks(conditions: Iterable[Condition], group: RoamingGroup) -> str | None:
    """Why the row is not for a group of this size; None when it is."""
    for condition in conditions:
        if condition.group_min is not None and group.size < condition.group_min:
            return f"the row is for groups of {condition.group_min} and more ORS; group {group.name} has {group.size}"
        if condition.group_max is not None and group.size > condition.group_max:
            return f"the row is for groups of up to {condition.group_max} ORS; group {group.name} has {group.size}"
    return None


def _device_reason(condition: Condition, device: Machine) -> str | None:
    if condition.any_:
        reasons = [_device_reason(c, device) for c in condition.any_]
        return None if None in reasons else " or ".join(r for r in reasons if r)
    if condition.all_:
        return next((r for c in condition.all_ if (r := _device_reason(c, device))), None)
    if condition.terminal:
        if "any" in condition.terminal:
            return None if device.terminal else "no embedded terminal"
        return None if device.terminal & set(condition.terminal) else f"no {_either(condition.terminal)} terminal"
    if condition.vendor:
        return None if device.vendor in condition.vendor else f"not made by {_either(condition.vendor)}"
    if condition.hardware:
        return None if device.hardware in condition.hardware else f"no {_either(condition.hardware)} hardware terminal"
    if condition.delivery:
        return None if device.delivery & set(condition.delivery) else f"no delivery by {_either(condition.delivery)}"
    if condition.scan:
        return None if device.scan & set(condition.scan) else f"no scanning by {_either(condition.scan)}"
    return None


def _either(words: Iterable[object]) -> str:
    texts = [str(w).replace("_", " ") for w in words]
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " or " + texts[-1]
