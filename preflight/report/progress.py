"""The line that shows how far a survey is."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.report.text import clean_text, fit


@dataclass(frozen=True, slots=True)
class ProgressState:
    """How far a survey is; times in seconds, `left_s` None as long as nobody can tell."""

    hosts_done: int
    hosts: int
    probes_done: int
    probes: int
    elapsed_s: float
    left_s: float | None = None
    doing: str = ""


def progress_line(state: ProgressState, width: int) -> str:
    """ "survey: 5/8 hosts, 340/1120 probes, ~6 s left, gathering": never wider than `width` columns."""
    parts = [f"survey: {state.hosts_done}/{state.hosts} hosts", f"{state.probes_done}/{state.probes} probes"]
    if state.left_s is None:
        parts.append(f"{_seconds(state.elapsed_s)} so far")
    else:
        parts.append(f"~{_seconds(state.left_s)} left")
    if state.doing:
        parts.append(clean_text(state.doing, 200))
    return fit(", ".join(parts), width)


def _seconds(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02d} s"
