"""Windows Defender Firewall: two stores, three profiles, block over allow, and a default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from preflight.firewall.addresses import address_of
from preflight.firewall.model import Flow, Policy
from preflight.firewall.programs import POWERSHELL
from preflight.firewall.rule_match import Place, rule_matches
from preflight.firewall.rule_text import RuleText, parse_rule
from preflight.firewall.tri import Match
from preflight.firewall.windows_words import (
    NOT_RUNNING,
    OWN,
    PARTLY_READ,
    both_ways,
    by_default,
    by_rule,
    disagreeing,
    kept_open,
    listener_note,
    shielded,
    switched_off,
)

PROFILES = ("domain", "private", "public")
Kind = Literal["block", "allow", "bypass"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for one profile once both stores are put together: the policy's word goes before the local one."""

    enabled: bool = True
    inbound: Literal["allow", "block"] = "block"
    outbound: Literal["allow", "block"] = "allow"
    merge: bool = True
    no_exceptions: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matches, or may; `kinds` has more than one where its action is not understood."""

    rule: RuleText
    kinds: tuple[Kind, ...]
    match: Match


@dataclass(frozen=True, slots=True)
class WindowsFirewall:
    """One host's firewall, read once and asked often."""

    running: bool | None
    rules: Mapping[str, tuple[RuleText, ...]]  # those that may be in force, by direction
    settings: Mapping[str, Setting]
    interfaces: tuple[Mapping[str, Any], ...]
    complete: bool = True  # all rules and profiles were read

    @classmethod
    def read(cls, fact: Mapping[str, Any]) -> WindowsFirewall:
        """The fact `firewall` of kind windows. Values that are no rules are left out, as Windows does."""
        texts = (parse_rule(str(r["name"]), str(r["store"]), str(r["text"])) for r in fact.get("rules") or ())
        settings = {profile: _setting(profile, fact.get("profiles") or ()) for profile in PROFILES}
        live = [rule for rule in texts if rule is not None and _in_force(rule)]
        # Sorted once: a host has a thousand rules, and is asked about many flows.
        rules = {
            way: tuple(rule for rule in live if rule.one("dir") != other)
            for way, other in (("in", "out"), ("out", "in"))
        }
        interfaces = tuple(fact.get("interfaces") or ())
        return cls(fact.get("running"), rules, settings, interfaces, fact.get("complete") is not False)

    def ask(self, flow: Flow) -> Policy:
        """What this host's firewall does to the flow, for the real program and for a temporary listener."""
        policy = self._answer(flow)
        stand_in = self._answer(replace(flow, program=POWERSHELL, service=""))
        note = listener_note(flow, policy, stand_in)
        return replace(policy, listener=stand_in.verdict, listener_note=note)

    def _answer(self, flow: Flow) -> Policy:
        local, remote = address_of(flow.local), address_of(flow.remote)
        if (local and local == remote) or (remote and remote.is_loopback) or (local and local.is_loopback):
            return OWN
        if self.running is False:
            return NOT_RUNNING
        answers = [self._read(self._on(flow, place)) for place in self._places(flow.local)]
        if len(answers) == 1 or all(a.verdict == answers[0].verdict != "unknown" for a in answers):
            return both_ways(answers)
        return disagreeing(answers)

    def _read(self, policy: Policy) -> Policy:
        """Where something was not read, only a rule that blocks is sure: the unread may block, or be switched on."""
        sure = self.complete or (policy.verdict == "block" and policy.rules)
        return policy if sure else PARTLY_READ

    def _places(self, local: str) -> list[Place]:
        """The interface that owns the address; where it is not known, every profile is asked."""
        address = address_of(local)
        for line in self.interfaces:
            own = {address_of(str(a).partition("/")[0]) for a in line.get("addresses") or ()}
            if address is not None and address in own and line.get("profile") in PROFILES:
                return [Place(line["profile"], str(line.get("interface", "")), str(line.get("kind", "unknown")))]
        return [Place(profile) for profile in PROFILES]

    def _on(self, flow: Flow, place: Place) -> Policy:
        setting = self.settings[place.profile]
        if not setting.enabled:
            return switched_off(place.profile)
        if setting.no_exceptions and flow.direction == "in":
            return shielded(place.profile)
        rules = (rule for rule in self.rules[flow.direction] if setting.merge or rule.store != "local")
        return decide(list(_hits(rules, flow, place)), flow, place, setting)


def decide(hits: Sequence[Hit], flow: Flow, place: Place, setting: Setting) -> Policy:
    """Authenticated bypass, then block, then allow, then the default; what is open is thought both ways."""
    default = setting.inbound if flow.direction == "in" else setting.outbound
    sure = {kind: [h for h in hits if h.match.answer == "yes" and h.kinds == (kind,)] for kind in ("block", "allow")}
    open_hits = [h for h in hits if not (h.match.answer == "yes" and len(h.kinds) == 1)]
    may = {kind: [h for h in open_hits if kind in h.kinds] for kind in ("block", "allow", "bypass")}
    worst = "block" if sure["block"] or may["block"] else "allow" if sure["allow"] else default
    if may["bypass"]:
        best = "allow"
    elif sure["block"]:
        best = "block"
    else:
        best = "allow" if sure["allow"] or may["allow"] else default
    if worst == best == "block" and sure["block"]:
        return by_rule("block", sure["block"][0].rule, flow, place)
    if worst == best == "allow" and sure["allow"]:
        return by_rule("allow", sure["allow"][0].rule, flow, place)
    if worst == best:
        return by_default(worst == "allow", flow, place)
    # What keeps it open: a rule that may block what is else let in, or one that may let in what is else blocked.
    if sure["block"]:
        culprits = may["bypass"]
    elif may["block"] and (sure["allow"] or default == "allow"):
        culprits = may["block"]
    else:
        culprits = [*may["bypass"], *may["allow"]]
    return kept_open([(h.rule, h.match, h.kinds) for h in culprits], flow, place)


def _in_force(rule: RuleText) -> bool:
    """Unless it is said to be active it is not; without an action it is no valid rule, and Windows leaves it out."""
    return rule.one("active") not in (None, "false") and rule.one("action") is not None


def _hits(rules: Iterable[RuleText], flow: Flow, place: Place) -> Iterable[Hit]:
    for rule in rules:
        match = rule_matches(rule, flow, place)
        if match.answer == "no":
            continue
        active, action = rule.one("active"), rule.one("action")
        kinds: tuple[Kind, ...] = ("block", "allow")
        if action == "bypass":
            # It lets in who proves who he is, which no configuration tells.
            kinds, match = ("bypass",), Match("maybe", "it lets in whoever authenticates himself (Action=ByPass)")
        elif action in ("allow", "block"):
            kinds = ("allow",) if action == "allow" else ("block",)
        if active != "true":
            match = Match("maybe", f"it is not clear whether it is in force ({rule.words['active'][0]})")
        yield Hit(rule, kinds, match)


def _setting(profile: str, states: Iterable[Mapping[str, Any]]) -> Setting:
    setting = Setting()
    mine = [state for state in states if state.get("profile") == profile]
    for store in ("local", "policy"):
        for state in mine:
            if state.get("store") == store:
                # Whether local rules count is the policy's to say alone.
                names = ("enabled", "inbound", "outbound", "no_exceptions") + (("merge",) if store == "policy" else ())
                setting = replace(setting, **{n: state[n] for n in names if state.get(n) is not None})
    return setting
