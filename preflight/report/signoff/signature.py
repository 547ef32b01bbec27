"""Where it is signed: before the execution, and after it."""

from __future__ import annotations

from preflight.report.decision import decide
from preflight.report.recorded import Recorded
from preflight.report.signoff.markup import room, safe, table

_HEADS = ("for", "name", "position", "signature", "date")
_BLOCKS = (
    ("Pre-approval", "Scope and method are agreed before the execution."),
    ("Post-execution approval", "The results are taken note of, and the decision above is agreed."),
)


def signature_html(recorded: Recorded) -> str:
    """Two blocks with lines for the supplier and the customer, bound to the record by its digest."""
    told = decide(recorded.run)
    warning = "" if told.decides else f'<p class="flag">{_WARNINGS[told.word]}</p>'
    bound = (
        f"<p>Signed for run <b>{safe(recorded.run.run_id)}</b>, customer {safe(recorded.run.customer)}, site "
        f'{safe(recorded.run.site)}. SHA-256 of its run.json:</p><p class="digest">{safe(recorded.sha256)}</p>'
    )
    return room("signature", "Signatures", warning + bound + "".join(map(_block, _BLOCKS)))


_WARNINGS = {
    "lab run": "Lab run: nothing real was tested. Not to be signed.",
    "partial, no decision": "Partial run: there is no decision to agree to.",
}


def _block(block: tuple[str, str]) -> str:
    title, what = block
    blank = "<td></td>" * (len(_HEADS) - 1)
    body = [f'<tr><th scope="row">{who}</th>{blank}</tr>' for who in ("Customer", "Supplier")]
    return f'<div class="sign"><h3>{title}</h3><p>{what}</p>{table(title, _HEADS, body, "signing", hidden=True)}</div>'
