"""Catalogue x topology -> every case of the site, each with its probes or the reason it has none."""

from __future__ import annotations

from dataclasses import replace

from preflight.catalogue.model import Catalogue, FlowRow
from preflight.plan.checklist import checklist_cases
from preflight.plan.conditions import device_lacks, is_device, site_lacks
from preflight.plan.draft import blank_case, paired_case
from preflight.plan.pairs import Pairing, groups_for, missing_role, pairs_of
from preflight.plan.ports import PortChoice, check_port_settings, choose_ports, other_mode
from preflight.plan.restricted import allowed_places, restricted_cases
from preflight.topology.model import Topology
from preflight.values.case import Case


def build_plan(catalogue: Catalogue, topology: Topology) -> list[Case]:
    """All cases in the page's order; every row gives at least one. Raises InventoryError for `ports:` that cannot be.

    Nothing is contacted: the same input gives the same plan.
    """
    check_port_settings(catalogue, topology)
    required: dict[str, list[Case]] = {}
    for row in catalogue.rows:
        required[row.id] = _flow_cases(row, topology) if isinstance(row, FlowRow) else checklist_cases(row, topology)
    allowed = allowed_places(case for cases in required.values() for case in cases)
    plan: list[Case] = []
    for row in catalogue.rows:
        cases = required[row.id]
        plan.extend(cases)
        if isinstance(row, FlowRow) and row.restricted_from:
            names = dict.fromkeys(c.destination for c in cases if c.destination)
            machines = [topology.machines[name] for name in names]
            plan.extend(restricted_cases(row, choose_ports(row, topology), machines, allowed, topology))
    return plan


def _flow_cases(row: FlowRow, topology: Topology) -> list[Case]:
    choice = choose_ports(row, topology)
    site = blank_case(row, choice, f"{row.id}:site")
    if reason := site_lacks(row.applies, topology.features):
        return [replace(site, not_applicable=reason)]
    if reason := other_mode(row, topology):
        return [replace(site, not_applicable=reason)]
    if row.pair.kind in ("multicast", "group") and row.applies and topology.features.near_roaming:
        groups, reasons = groups_for(row, topology)
        if reasons and not groups:
            return [replace(site, not_applicable="; ".join(reasons))]
    if row.pair.kind == "multicast":
        hosts = frozenset(m.name for m in topology.with_role(*row.pair.source))
        reason = "multicast is not asked in this version: check it by hand, with the network's own means"
        return [replace(site, unasked=reason, hosts=hosts)]
    pairs = pairs_of(row, topology)
    if not pairs:
        return [_without_pairs(row, site, topology)]
    fitting, others = _by_device(row, pairs)
    cases = [paired_case(row, choice, pair, topology) for pair in fitting]
    if others:
        cases.append(_others_case(row, choice, others))
    return cases


def _without_pairs(row: FlowRow, site: Case, topology: Topology) -> Case:
    role = missing_role(row, topology)
    if role is None:
        return replace(site, not_applicable="the site has no second machine for this flow")
    declared = any(c.feature for c in row.applies)
    about_device = any(is_device(c) for c in row.applies)
    always = row.level == "mandatory" and row.when is None  # a condition in words (S09) is the machine's being there
    if off := _switched_off(row, topology):
        return replace(site, not_applicable=f"the site does not use it: {off} is off in the inventory")
    if row.pair.kind == "same_host" or about_device or not (declared or always):
        return replace(site, not_applicable=f"the inventory has no {role}")
    return replace(
        site,
        unasked=f"the page asks for it, but the inventory names no {role}: add one, or a vantage host that stands in",
    )


def _switched_off(row: FlowRow, topology: Topology) -> str | None:
    """The feature whose machines alone the row is about, when the site has switched it off."""
    features = {"ors": topology.features.ors, "crs": topology.features.central_reporting}
    names = {"ors": "features.ors", "crs": "features.central_reporting"}
    for roles in (row.pair.source, row.pair.to):
        if set(roles) <= set(features) and not any(features[r] for r in roles):
            return " and ".join(names[r] for r in roles)
    return None


def _by_device(row: FlowRow, pairs: list[Pairing]) -> tuple[list[Pairing], dict[str, list[str]]]:
    """Pairs whose device the row concerns, and the names of the other devices by what they lack."""
    fitting: list[Pairing] = []
    others: dict[str, dict[str, None]] = {}
    for pair in pairs:
        reason = device_lacks(row.applies, pair.device) if pair.device else None
        if reason is None:
            fitting.append(pair)
        elif pair.device:
            others.setdefault(reason, {})[pair.device.name] = None
    return fitting, {reason: list(names) for reason, names in others.items()}


def _others_case(row: FlowRow, choice: PortChoice, others: dict[str, list[str]]) -> Case:
    parts = [f"{reason}: {_names(names)}" for reason, names in others.items()]
    hosts = frozenset(name for names in others.values() for name in names)
    return replace(blank_case(row, choice, f"{row.id}:others", hosts), not_applicable="; ".join(parts))


def _names(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
