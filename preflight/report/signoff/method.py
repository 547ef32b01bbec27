"""Method and limits: what an outcome means, what a stand-in is, how good each kind of evidence is."""

from __future__ import annotations

from preflight.report.signoff.markup import room, table, tag
from preflight.values.outcome import Outcome

_OUTCOMES = {
    Outcome.PASSED: ("Observed, as required.", "no"),
    Outcome.FAILED: ("Observed, not as required, and required at this site.", "yes"),
    Outcome.ADVISORY: ("A recommendation that is not met.", "no, listed"),
    Outcome.UNVERIFIED: ("Required, and not observed: the reason says what was in the way.", "yes"),
    Outcome.WAIVED: ("Failed or unverified, and accepted for a time by a person who may.", "no, listed"),
    Outcome.ATTESTED: ("Not observed; a person vouches for it.", "no, listed"),
    Outcome.NOT_APPLICABLE: ("The site lacks what the row is about.", "no"),
    Outcome.NOT_RUN: ("Left out of this run.", "no decision"),
}
# The weakest last: what a case says under "evidence", and what it is worth.
_STRENGTHS = (
    ("nonce heard", "A temporary listener at the destination heard a word that only this run knew: the way is open."),
    ("own table", "The destination's own list of connections shows this one, and who owns it."),
    ("protocol answer", "The service answered in its own protocol. What else it can do was not tried."),
    ("facts of the host", "The machine itself told it, by the account that the run logged in with."),
    ("observed passively", "The real device was seen connected, without being asked."),
    ("connection accepted", "Something accepted the connection. A proxy or firewall in between can do that, too."),
)
_LIMITS = (
    "<b>A point in time.</b> The report shows the minutes in which the run took place. Load, failover, idle timeouts "
    "and rules that depend on the hour are not seen.",
    "<b>Stand-ins.</b> Printers and terminals cannot be asked from. A machine in the same network then asks or listens "
    "in their place, and the case names it. It shows the way through the network; filters by address, port security "
    "and 802.1X may treat the real device otherwise.",
    "<b>Before installation</b> nothing listens on the product's ports. A temporary listener takes its place for "
    "seconds: it shows the way, and not that the product will start.",
    "<b>UDP.</b> Silence shows nothing. Without an answer such a case is unverified.",
    "<b>Ranges of ports</b> are asked by a sample; the case names the ports.",
    "<b>Nothing was changed</b> on any machine, and no byte was sent to a printer's raw port.",
)
_READING = (
    "Each line of ids is read with its row in front: under row P01, <code>cml1 &gt; mfp1, mfp2</code> stands for the "
    "cases <code>P01:cml1&gt;mfp1</code> and <code>P01:cml1&gt;mfp2</code>; any other id is written whole. Like cases "
    "share one entry: what is asked, seen and read there is told of the first; for the others it differs by names, "
    "addresses and measured times only. Each case's own words are in run.json, whose SHA-256 is above; "
    "<code>preflight report</code> makes this file from it again, identical to the byte."
)


def method_html() -> str:
    """The same in every report."""
    outcomes = [
        f'<tr><th scope="row">{tag(outcome)}</th><td>{what}</td><td>{blocks}</td></tr>'
        for outcome, (what, blocks) in _OUTCOMES.items()
    ]
    strengths = [f'<tr><th scope="row">{name}</th><td>{what}</td></tr>' for name, what in _STRENGTHS]
    limits = "".join(f"<li>{limit}</li>" for limit in _LIMITS)
    return room(
        "method",
        "Method and limits",
        table("What an outcome means", ("outcome", "meaning", "blocks"), outcomes)
        + table("How good the evidence is, the strongest first", ("evidence", "what it shows"), strengths)
        + f"<ul>{limits}</ul><h3>How to read the cases</h3><p>{_READING}</p>",
    )
