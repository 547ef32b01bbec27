"""The answers of a Windows firewall as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from preflight.firewall.model import Deciding, Flow, Policy, asked_words
from preflight.firewall.rule_match import Place
from preflight.firewall.rule_text import RuleText
from preflight.firewall.tri import Match

# With its firewall on, Windows answers neither what it blocks nor ports where nobody listens (Microsoft KB 2586744).
SILENCE = "Windows drops what it blocks without a word, and is silent about ports where nobody listens, too"
OWN = Policy("allow", "own", "the host's firewall does not filter what the host sends to itself")
PARTLY_READ = Policy(
    "unknown",
    "unread",
    "cannot be told: not all of the host's firewall could be read (rules refused to the account, or too many)",
)
NOT_RUNNING = Policy(
    "unknown",
    "unread",
    "cannot be told: the service of the host's firewall (MpsSvc) does not run, and then Windows may block everything "
    "or nothing",
)


def stored(rule: RuleText) -> str:
    """(policy store)"""
    return f"({rule.store} store)"


def deciding(rule: RuleText) -> Deciding:
    """A rule for the answer."""
    return Deciding(rule.name, rule.text, rule.store)


def by_rule(verdict: str, rule: RuleText, flow: Flow, place: Place) -> Policy:
    """One rule says so."""
    profile = place.profile.capitalize()
    if verdict == "allow":
        sentence = f"the host's firewall allows {asked_words(flow)} by rule '{rule.name}' {stored(rule)}"
        return Policy("allow", "rule", sentence, (deciding(rule),), profile)
    sentence = f"the host's firewall blocks {asked_words(flow)}: rule '{rule.name}' {stored(rule)}"
    return Policy("block", "rule", sentence, (deciding(rule),), profile, True, SILENCE)


def by_default(allowed: bool, flow: Flow, place: Place) -> Policy:
    """No rule speaks of it."""
    way = "inbound" if flow.direction == "in" else "outbound"
    profile = place.profile.capitalize()
    told = f"the host's firewall has no {way} rule for {asked_words(flow)} on the {profile} profile"
    if allowed:
        return Policy("allow", "default", f"{told}, and lets through what no rule speaks of", (), profile)
    return Policy("block", "default", told, (), profile, True, SILENCE)


def switched_off(profile: str) -> Policy:
    """The profile is off."""
    told = profile.capitalize()
    return Policy("allow", "off", f"the host's firewall is switched off on the {told} profile", (), told)


def shielded(profile: str) -> Policy:
    """DoNotAllowExceptions."""
    told = profile.capitalize()
    sentence = f"the host's firewall blocks everything inbound on the {told} profile, whatever its rules say"
    return Policy("block", "shield", sentence, (), told, True, SILENCE)


def kept_open(culprits: Sequence[tuple[RuleText, Match, tuple[str, ...]]], flow: Flow, place: Place) -> Policy:
    """Rules that may match keep it open; what is only bound to a program is said as such."""
    rule, match, kinds = next((c for c in culprits if c[1].bound and not c[1].why), culprits[0])
    rules = tuple(deciding(r) for r, _, _ in culprits)
    profile = place.profile.capitalize()
    if match.bound and kinds in (("allow",), ("block",)):
        does = "allows" if kinds == ("allow",) else "blocks"
        only = "" if match.bound.endswith("only") else " only"
        sentence = (
            f"the host's firewall {does} {asked_words(flow)} for {match.bound}{only}, by rule '{rule.name}' "
            f"{stored(rule)}: whether the product matches was not seen"
        )
        return Policy("unknown", "bound", sentence, rules, profile)
    why = match.why or f"its action is not understood ({rule.words['action'][0]})"
    if match.bound:
        why += f", and it is for {match.bound}"
    sentence = f"cannot be told: of rule '{rule.name}' {stored(rule)}, {why}"
    return Policy("unknown", "unsure", sentence, rules, profile)


def both_ways(answers: Sequence[Policy]) -> Policy:
    """One profile's answer, or the same one of all three."""
    if len(answers) == 1:
        return answers[0]
    rules = tuple(dict.fromkeys(rule for a in answers for rule in a.rules))
    first = answers[0]
    sentence = first.sentence
    profiles = ", ".join(a.profile for a in answers)
    if first.because == "default" and all(a.because == "default" for a in answers):
        sentence = sentence.replace(f"on the {first.profile} profile", "on any profile")
    elif len({a.sentence for a in answers}) > 1:
        sentence = f"{sentence} ({first.profile} profile; the same comes out on the others)"
    return replace(first, sentence=sentence, rules=rules, profile=profiles)


def disagreeing(answers: Sequence[Policy]) -> Policy:
    """The interface is not known, and it depends on its profile."""
    told = ", ".join(f"{a.profile}: {a.verdict}" for a in answers)
    rules = tuple(dict.fromkeys(rule for a in answers for rule in a.rules))
    sentence = f"cannot be told: which profile the interface is in is not known, and it matters ({told})"
    return Policy("unknown", "unsure", sentence, rules, ", ".join(a.profile for a in answers))


def listener_note(flow: Flow, policy: Policy, stand_in: Policy) -> str:
    """Where a temporary listener, or the agent that asks, is treated otherwise than the product may be."""
    if policy.verdict == stand_in.verdict:
        return ""
    who = "a temporary listener" if flow.direction == "in" else "the agent that asks"
    does = {"allow": "lets it through", "block": "blocks it", "unknown": "may block it"}[stand_in.verdict]
    return f"{who} runs as powershell.exe, and the host's firewall {does}; of the real program: {policy.sentence}"
