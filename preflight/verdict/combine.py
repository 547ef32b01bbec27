"""The ports of one case put together: comma and range need all, a slash row what the site chose, or all."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.values.case import Case
from preflight.values.outcome import Outcome, Verdict
from preflight.values.spans import port_list
from preflight.verdict.finding import Finding

_WORST = (Outcome.FAILED, Outcome.UNVERIFIED, Outcome.ADVISORY, Outcome.PASSED)


def combine(case: Case, findings: list[Finding], asked: str) -> Verdict:
    """The verdict of a case from what its ports showed."""
    if not findings:
        return Verdict(Outcome.UNVERIFIED, "nothing was asked", asked, "", case.remedy)
    if case.row_names_instance:
        # O15 asks the SQL browser again; its answer is evidence, the instance's own port is the requirement.
        findings = findings[-1:]
    if case.notation == "slash":
        if case.chosen:
            return _verdict(case, [f for f in findings if f.port in case.chosen], asked, beside=findings)
        return _either(case, findings, asked)
    return _verdict(case, findings, asked)


def _either(case: Case, findings: list[Finding], asked: str) -> Verdict:
    good = [f for f in findings if f.outcome in (Outcome.PASSED, Outcome.ADVISORY)]
    bad = [f for f in findings if f not in good]
    if not good or not bad:
        return _verdict(case, findings, asked)
    opened, shut = _ports(good), _ports(bad)
    written = good[0].port if len(good) == 1 else [f.port for f in good]
    verdict = _verdict(case, findings, asked)
    return Verdict(
        Outcome.UNVERIFIED,
        f"{opened} passed, {shut} did not, and the page does not say whether one of them is enough",
        verdict.asked,
        verdict.seen,
        f"If the site uses {opened} only, write into the inventory: ports: {{{case.row}: {written}}}. "
        f"Else: {_remedy(case, bad)}",
        verdict.strength,
        verdict.stand_in,
        verdict.findings,
        verdict.probes,
    )


def _verdict(case: Case, findings: list[Finding], asked: str, beside: Iterable[Finding] = ()) -> Verdict:
    outcome = next(o for o in _WORST if any(f.outcome is o for f in findings))
    telling = [f for f in findings if f.outcome is outcome]
    reasons = list(dict.fromkeys(f.reason for f in telling))
    several = len(findings) > 1
    reason = "; ".join(
        f"{_ports([f for f in telling if f.reason == r])}: {r}" if several and outcome is not Outcome.PASSED else r
        for r in reasons
    )
    remarks = dict.fromkeys(remark for f in findings for remark in f.findings)
    others = [f for f in beside if f not in findings]
    notes = [*remarks, *(f"beside, port {f.port}: {f.outcome}, {f.reason}" for f in others)]
    if case.by_address and any(r.startswith("translated") for r in remarks):
        notes.append("this row knows devices by their address: translation will break it")
    remedy = "" if outcome is Outcome.PASSED else _remedy(case, telling)
    return Verdict(
        outcome,
        reason,
        asked,
        _seen(findings),
        remedy,
        "; ".join(dict.fromkeys(f.strength for f in findings if f.strength)),
        case.stand_in,
        tuple(notes),
        tuple(f.probe for f in findings if f.probe),
        shut=tuple(f.closed for f in telling if f.closed is not None),
    )


def _remedy(case: Case, telling: list[Finding]) -> str:
    shared: dict[str, list[int]] = {}
    for f in telling:
        if f.remedy:
            shared.setdefault(f.remedy, []).append(f.port)
    own = [text.replace("{ports}", port_list(ports)) for text, ports in shared.items()][:2]
    if case.stand_in and case.source:
        # Opened for the stand-in alone, the next run would pass and the real machine still be shut out.
        whole = f" from {case.source} and its network, {case.stand_in} included, to "
        own = [text.replace(f" from {case.stand_in} to ", whole) for text in own]
    if not own or any(f.shut for f in telling):
        own.append(case.remedy)
    return " ".join(own)


def _seen(findings: list[Finding]) -> str:
    if len(findings) == 1:
        return findings[0].seen
    by_text: dict[str, list[int]] = {}
    for f in findings:
        by_text.setdefault(f.seen, []).append(f.port)
    return "; ".join(f"{port_list(ports)}: {text}" for text, ports in by_text.items())


def _ports(findings: list[Finding]) -> str:
    return ("port " if len(findings) == 1 else "ports ") + port_list(f.port for f in findings)
