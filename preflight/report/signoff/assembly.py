"""signoff.html: the rooms in their order, in one file that needs no network and reads without scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources

from preflight.report.recorded import Recorded
from preflight.report.signoff.blocking import blocking_html, findings_of, link
from preflight.report.signoff.changes import changes_html
from preflight.report.signoff.counts import counts_html
from preflight.report.signoff.decided import decision_html
from preflight.report.signoff.drawn import AFTER_SECTIONS, BEFORE_SECTIONS, drawn_css, drawn_html
from preflight.report.signoff.filtering import filter_html
from preflight.report.signoff.head import head_html
from preflight.report.signoff.machines import machines_html
from preflight.report.signoff.markup import room, safe
from preflight.report.signoff.method import method_html
from preflight.report.signoff.ruled import rulings_html
from preflight.report.signoff.sections import sections_html
from preflight.report.signoff.signature import signature_html
from preflight.report.signoff.untested import untested_html

_PLAIN = re.compile(r"[\w.-]{1,120}", re.ASCII)
BRIEF = 1_000  # up to so many cases, paper shows each of them; beyond, it shows counts, findings and reasons


def signoff_html(recorded: Recorded) -> bytes:
    """The whole page, UTF-8; the same run.json makes the same bytes."""
    run = recorded.run
    findings = findings_of(run)
    links = {case.id: link(finding) for finding in findings for case in finding.cases}
    note = "" if len(run.cases) <= BRIEF else _ON_PAPER
    body = "".join(
        (
            decision_html(run),
            head_html(recorded),
            counts_html(run),
            changes_html(run),
            blocking_html(findings),
            untested_html(run),
            drawn_html(run, BEFORE_SECTIONS),
            room("page", "The vendor's page, row by row", note + filter_html(run) + sections_html(run, links)),
            drawn_html(run, AFTER_SECTIONS),
            machines_html(run),
            rulings_html(run),
            method_html(),
            signature_html(recorded),
        )
    )
    return _page(recorded, body).encode("utf-8")


_ON_PAPER = (
    '<p class="paper">Case by case this is in the file only: on paper there are the rows, their counts and their '
    "reasons.</p>"
)


def _page(recorded: Recorded, body: str) -> str:
    run = recorded.run
    script, style = _resource("script.js"), _resource("style.css") + drawn_css() + _footer(recorded)
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    # Nothing may be loaded, and no script but ours may run, whatever a host managed to write into the page.
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; {_NOTHING_ELSE}"
    brief = "brief" if len(run.cases) <= BRIEF else "large"
    title = f"Sign-off: {safe(run.customer)}, {safe(run.site)}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><style>{style}</style></head>\n"
        f'<body class="{brief}"><a class="skip" href="#decision">To the decision</a>'
        f"<header><h1>Sign-off report</h1><p>{safe(run.customer)}, {safe(run.site)}</p></header>"
        f"{_NAVIGATION}<main>\n{body}</main>"
        f"<script>{script}</script></body></html>\n"
    )


_NOTHING_ELSE = "base-uri 'none'; form-action 'none'"
_NAVIGATION = (
    '<nav aria-label="Parts of the report"><a href="#counts">Counts</a> <a href="#changes">Changes</a> '
    '<a href="#blocking">Findings</a> <a href="#untested">Not tested</a> <a href="#flows">Flows</a> '
    '<a href="#site">Site</a> <a href="#page">Row by row</a> '
    '<a href="#rulings">Rulings</a> <a href="#method">Method</a> <a href="#signature">Signatures</a></nav>'
)


def _footer(recorded: Recorded) -> str:
    """What stands at the foot of every sheet of paper. An id that is no plain word stays out of the style."""
    run_id = recorded.run.run_id if _PLAIN.fullmatch(recorded.run.run_id) else ""
    return (
        f'@page {{ @bottom-left {{ content: "{run_id}  SHA-256 {recorded.sha256[:16]}..." }} '
        '@bottom-right { content: "page " counter(page) " of " counter(pages) } }\n'
    )


def _resource(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")
