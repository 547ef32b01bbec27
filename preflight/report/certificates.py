"""The certificates that services showed, the first to end first: a piece of HTML."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.report.cells import safe
from preflight.report.text import fit
from preflight.run.model import Run
from preflight.run.model_site import CertificateResult
from preflight.values.counted import counted

SOON_DAYS = 30  # to have a certificate made and rolled out takes a site's administrators weeks
_NAMES = 4
_HEADS = ("Days left", "Until", "Shown by", "Made out to", "Issued by", "TLS", "What is wrong")
# Flaw -> how bad, and what is said; `expired` is told by the days.
_SAID = {
    "not yet valid": ("bad", "not yet valid"),
    "other name": ("bad", "name mismatch"),
    "untrusted": ("bad", "not trusted"),
    "weak encryption": ("bad", "weak encryption"),
    "unchecked": ("warn", "nobody checked the issuer"),
}
_SIGNS = {"bad": "\u2717", "warn": "!", "ok": "\u2713"}
_CSS = """
.pc-scroll { overflow-x: auto; max-width: 100%; }
.pc-table { border-collapse: collapse; font-size: 13px; color: var(--text, #1b1b1b); }
.pc-table caption { font-weight: 400; text-align: left; color: var(--muted, #595959); padding: 2px 0 6px; }
.pc-table th, .pc-table td { border: 1px solid var(--line, #c4c4c4); padding: 3px 8px; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
.pc-table th { font-size: inherit; color: inherit; white-space: nowrap; }
.pc-table .pc-days { text-align: right; white-space: nowrap; }
.pc-table .pc-name { min-width: 11em; }
.pc-table .pc-line { white-space: nowrap; }
.pc-none { color: var(--text, #1b1b1b); }
.pc-ok { color: var(--ok, #1f6f2a); }
.pc-bad { color: var(--bad, #b3261e); }
.pc-warn { color: var(--warn, #8a4b00); }
.pc-print { display: block; color: var(--muted, #595959); font-size: 11px; }
@media print {
  .pc-table { font-size: 8pt; width: 100%; }
  .pc-table .pc-name { min-width: 8em; }
  .pc-table tr { break-inside: avoid; }
}
"""


def certificates_css() -> str:
    """The rules that the table needs, for a <style> element."""
    return _CSS


def certificates_html(run: Run) -> str:
    """A table by days left, with what is wrong by sign and word; a sentence where no service showed one."""
    if not run.certificates:
        return (
            '<p class="pc-none">No certificate was seen in this run: no service that shows one was asked over TLS.</p>'
        )
    ordered = sorted(run.certificates, key=_order)
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    rows = "".join(map(_row, ordered))
    return (
        '<div class="pc-scroll" role="region" aria-label="Table of certificates" tabindex="0">'
        f'<table class="pc-table"><caption>{_counted(ordered)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def flags(one: CertificateResult) -> list[tuple[str, str]]:
    """What a reader must know of it, each with how bad it is: `bad` or `warn`; the dates first."""
    found = []
    if (one.days_left is not None and one.days_left < 0) or "expired" in one.flaws:
        found.append(("bad", "expired"))
    elif one.days_left is None:
        found.append(("warn", "end not known"))
    elif one.days_left < SOON_DAYS:
        found.append(("warn", f"ends within {SOON_DAYS} days"))
    return found + [said for flaw, said in _SAID.items() if flaw in one.flaws]


def _order(one: CertificateResult) -> tuple[float, str, int, str, str]:
    left = one.days_left if one.days_left is not None else float("inf")
    return left, one.host, one.port, one.service, one.sha256


def _counted(shown: Sequence[CertificateResult]) -> str:
    flagged = sum(bool(flags(one)) for one in shown)
    many = counted(len(shown), "certificate")
    others = " and to machines of the site" if any(one.nodes for one in shown) else ""
    return f"{many} as services showed them to the machine that runs the suite{others}; {flagged or 'none'} to look at"


def _row(one: CertificateResult) -> str:
    found = flags(one)
    level = min((level for level, _ in found), default="ok")  # "bad" comes before "warn"
    names = list(dict.fromkeys(one.names))
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    made_out = ", ".join(fit(name, 60) for name in names[:_NAMES]) + more
    words = "<br>".join(f'<b class="pc-{level}">{_SIGNS[level]} {word}</b>' for level, word in found)
    problem = f"<br>{safe(fit(one.problem, 300))}" if one.problem else ""
    print_ = f'<span class="pc-print">SHA-256 {safe(fit(one.sha256, 20))}</span>' if one.sha256 else ""
    days = "?" if one.days_left is None else str(one.days_left)
    seen_by = [*(["the machine that runs the suite"] if one.here else []), *one.nodes]
    told = f'<span class="pc-print">to {safe(fit(", ".join(seen_by), 200))}</span>' if one.nodes else ""
    at = f"[{one.address}]" if ":" in one.address else one.address
    return (
        f'<tr><td class="pc-days pc-{level}"><b>{_SIGNS[level]}\u00a0{days}</b></td>'
        f'<td class="pc-line">{safe(one.not_after[:10]) or "not known"}</td>'
        f'<td class="pc-name">{safe(fit(one.host, 60))}<br>{safe(fit(at, 60))}:{one.port}, '
        f"{safe(fit(one.service, 20))}{told}</td>"
        f'<td class="pc-name">{safe(fit(one.subject, 120))}{f"<br>{safe(made_out)}" if made_out else ""}{print_}</td>'
        f'<td class="pc-name">{safe(fit(one.issuer, 120))}</td><td class="pc-line">{safe(fit(one.tls, 20))}</td>'
        f"<td>{words or 'nothing was found'}{problem}</td></tr>"
    )
