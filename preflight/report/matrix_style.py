"""The style of the flow matrix. Colours come from the page, by custom properties; what follows is used without one."""

from __future__ import annotations

_CSS = """
.pm-matrix { color: var(--text, #1b1b1b); }
.pm-scroll { overflow-x: auto; max-width: 100%; }
.pm-table { border-collapse: collapse; font-size: 12px; }
.pm-table caption { text-align: left; color: var(--muted, #595959); padding: 2px 0 6px; }
.pm-table th, .pm-table td { border: 1px solid var(--line, #c4c4c4); }
.pm-table th { font-weight: 600; text-align: left; padding: 2px 6px; white-space: nowrap; vertical-align: bottom; }
.pm-table tbody th, .pm-table .pm-corner { position: sticky; left: 0; background: var(--surface, #fff); }
.pm-table .pm-corner { font-weight: 400; color: var(--muted, #595959); }
.pm-down { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 17em; }
.pm-of { font-weight: 400; color: var(--muted, #595959); margin-left: 0.6em; }
.pm-down .pm-of { display: block; margin: 0; }
.pm-table td { padding: 0; min-width: 30px; text-align: center; }
.pm-table td a { display: block; padding: 3px 4px; color: inherit; text-decoration: none; white-space: nowrap; }
.pm-table td a:hover, .pm-table td a:focus { outline: 2px solid currentColor; outline-offset: -2px; }
.pm-table td a:hover { text-decoration: underline; }
.pm-ok { color: var(--ok, #1f6f2a); }
.pm-bad { color: var(--bad, #b3261e); }
.pm-warn { color: var(--warn, #8a4b00); }
.pm-muted { color: var(--muted, #595959); }
td.pm-bad { background: color-mix(in srgb, var(--bad, #b3261e) 16%, transparent); font-weight: 700; }
td.pm-warn { background: color-mix(in srgb, var(--warn, #8a4b00) 13%, transparent); }
td.pm-ok { background: color-mix(in srgb, var(--ok, #1f6f2a) 9%, transparent); }
.pm-legend span { margin-right: 1.2em; white-space: nowrap; }
.pm-unpaired { color: var(--muted, #595959); }
.pm-pair { display: none; border: 2px solid var(--line, #c4c4c4); background: var(--surface, #fff);
  padding: 4px 12px; margin: 8px 0; overflow-wrap: anywhere; }
.pm-pair:target { display: block; }
.pm-pair p > a { margin-left: 1em; color: inherit; }
@page pm-wide { size: A4 landscape; margin: 10mm; }
@media print {
  .pm-wide { page: pm-wide; }
  .pm-scroll { overflow: visible; }
  .pm-table { font-size: 8.5px; }
  .pm-wide .pm-table { font-size: 8px; }
  .pm-wider .pm-table { font-size: 6.5px; }
  .pm-table th { padding: 1px 2px; }
  .pm-table td { min-width: 0; }
  .pm-table td a { padding: 1px; }
  .pm-table tbody th, .pm-table .pm-corner { position: static; }
  .pm-table tr { break-inside: avoid; }
  .pm-pair { display: none !important; }
}
"""


def matrix_css() -> str:
    """The rules that the matrix needs, for a <style> element."""
    return _CSS
