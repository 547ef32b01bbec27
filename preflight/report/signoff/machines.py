"""The machines that were asked, or should have been; devices without an agent are counted."""

from __future__ import annotations

from preflight.report.signoff.markup import plural, room, safe, table
from preflight.run.model import Run
from preflight.run.model_site import HostResult

_PHASE = {"before": "before installation", "after": "after installation", None: ""}


def machines_html(run: Run) -> str:
    """A table of the machines that an agent can run on."""
    shown = [host for host in run.hosts if host.managed_by is not None or host.reached is not None]
    silent = len(run.hosts) - len(shown)
    rest = (
        f"<p>{plural(silent, 'more machine')} without an agent: printers, terminals and the like.</p>" if silent else ""
    )
    heads = ("machine", "roles", "address", "asked by", "state", "system", "clock against ours")
    body = [_line(host) for host in shown]
    lines = table("Machines that can be asked", heads, body, "machines", hidden=True) if body else ""
    return room("machines", "Machines", lines + rest)


def _line(host: HostResult) -> str:
    clock = "" if host.skew_s is None else f"{host.skew_s:+.1f} s"
    texts = (", ".join(host.roles), host.address, host.via or host.managed_by or "")
    cells = "".join(
        f'<td class="free">{safe(text)}</td>' if len(text) > 60 else f"<td>{safe(text)}</td>" for text in texts
    )
    return (
        f'<tr><th scope="row">{safe(host.name)}</th>{cells}<td>{_state(host)}</td>'
        f"<td>{safe(host.system)}</td><td>{safe(clock)}</td></tr>"
    )


def _state(host: HostResult) -> str:
    if host.reached is None:
        return "not asked"
    if not host.reached:
        return f'<strong class="flag">not reached</strong> {safe(host.cause or host.failure)}'
    return f"reached, {_PHASE[host.phase]}" if host.phase else "reached"
