"""How ports.html looks, on paper first."""

STYLE = """
@page { size: A4 landscape; margin: 12mm 10mm 14mm; }
:root { color-scheme: light dark; --line: #8a8a8a; --head: #e8e8e8; --ink: #111; --paper: #fff; --quiet: #444; }
@media (prefers-color-scheme: dark) {
  :root { --line: #777; --head: #2c2c2c; --ink: #eee; --paper: #161616; --quiet: #bbb; }
}
@media (prefers-contrast: more) { :root { --line: currentColor; --quiet: var(--ink); } }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --head: #e8e8e8; --quiet: #333; } }
body { font: 14px/1.4 system-ui, "Segoe UI", Arial, sans-serif; margin: 24px; }
body { color: var(--ink); background: var(--paper); }
h1 { font-size: 22px; margin: 0 0 8px; }
h2 { font-size: 16px; margin: 22px 0 4px; break-after: avoid; }
p { margin: 2px 0 6px; color: var(--quiet); break-after: avoid; }
ul { margin: 4px 0; padding-left: 20px; max-width: 110ch; }
.lab { background: #7a1fa2; color: #fff; font-size: 22px; font-weight: bold; padding: 8px 14px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 6px 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 1px solid var(--line); padding: 3px 6px; text-align: left; vertical-align: top; }
td { overflow-wrap: break-word; }
th { background: var(--head); }
td:first-child { white-space: nowrap; }
small { display: block; color: var(--quiet); font-size: 90%; }
.level { white-space: nowrap; }
.level.mandatory { font-weight: bold; }
.level.recommended { font-style: italic; }
a { color: inherit; }
@media print {
  body { font-size: 9pt; margin: 0; }
  h1 { font-size: 15pt; }
  h2 { font-size: 11pt; }
  th, td { padding: 1.5pt 4pt; }
  .wide { overflow: visible; }
  * { print-color-adjust: exact; }
}
"""
