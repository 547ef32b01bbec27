"""The shape of each kind of machine, drawn in a field of 36 by 28 units."""

from __future__ import annotations

# Filled with the surface and outlined; where a machine is a stack, the outline stands three times behind itself.
_SHAPES = {
    "server": '<rect x="9" y="1" width="18" height="26" rx="2"/><path d="M12 7h12M12 12h12M12 17h12M17 23h2"/>',
    "database": '<path d="M8 6v16c0 3 4.5 5 10 5s10-2 10-5V6"/><ellipse cx="18" cy="6" rx="10" ry="4.5"/>'
    '<path d="M8 14c0 3 4.5 5 10 5s10-2 10-5"/>',
    "directory": '<path d="M4 4h8l2 3h18v20H4z"/><path d="M9 13h6M9 17h6M9 21h6M20 17a3 3 0 1 1 6 0"/>'
    '<path d="M18 23c0-4 10-4 10 0"/>',
    "workstation": '<rect x="5" y="2" width="26" height="18" rx="1.5"/><path d="M18 20v5M11 26h14"/>',
    "printer": '<path d="M10 10V2h16v8"/><rect x="4" y="10" width="28" height="11" rx="2"/>'
    '<path d="M10 17h16v10H10zM13 22h10"/>',
    "terminal": '<rect x="10" y="1" width="16" height="26" rx="2.5"/><rect x="13" y="5" width="10" height="9"/>'
    '<path d="M14 18h1.5M17.3 18h1.5M20.6 18h1.5M14 22h1.5M17.3 22h1.5M20.6 22h1.5"/>',
    "vantage": '<circle cx="15" cy="12" r="9"/><path d="M21.5 18.5l8 8"/>',
    "other": '<path d="M18 2l14 12-14 12L4 14z"/>',
}
_STACKED = '<g transform="translate({by} -{by})">{shape}</g>'


def icon(kind: str, stacked: bool) -> str:
    """The shape; of a stack thrice, shifted."""
    shape = _SHAPES.get(kind, _SHAPES["other"])
    behind = "".join(_STACKED.format(by=by, shape=shape) for by in (5, 2.5)) if stacked else ""
    return behind + shape
