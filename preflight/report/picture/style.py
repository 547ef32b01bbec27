"""The picture's colours: as attributes for readers that know no style sheets in SVG, as rules for all others."""

from __future__ import annotations

from preflight.report.picture.shapes import BOLD

# Class -> what it is drawn with. Values with a name in front are colours: the page's custom property, else this one.
_TEXT, _MUTED, _LINE, _SURFACE = ("text", "#1b1b1b"), ("muted", "#595959"), ("line", "#c4c4c4"), ("surface", "#ffffff")
_BAD, _WARN = ("bad", "#b3261e"), ("warn", "#8a4b00")
_Value = str | tuple[str, str]
_DRAWN: dict[str, dict[str, _Value]] = {
    "pt-frame": {"fill": "none", "stroke": _LINE, "stroke-dasharray": "2 4"},
    "pt-box": {"fill": _SURFACE, "stroke": _MUTED, "stroke-width": "1.2"},
    "pt-icon": {"fill": _SURFACE, "stroke": _TEXT, "stroke-width": "1.3"},
    "pt-trunk": {"fill": "none", "stroke": _LINE, "stroke-width": "3"},
    "pt-fail": {"fill": "none", "stroke": _BAD, "stroke-width": "1.8"},
    "pt-open": {"fill": "none", "stroke": _WARN, "stroke-width": "1.5", "stroke-dasharray": "5 3"},
    "pt-fail-end": {"fill": _BAD, "stroke": "none"},
    "pt-open-end": {"fill": _WARN, "stroke": "none"},
    "pt-fail-badge": {"fill": _SURFACE, "stroke": _BAD, "stroke-width": "1.4"},
    "pt-open-badge": {"fill": _SURFACE, "stroke": _WARN, "stroke-width": "1.4"},
    "pt-site": {"fill": _MUTED},
    "pt-net": {"fill": _TEXT},
    "pt-name": {"fill": _TEXT},
    "pt-key": {"fill": _TEXT},
    "pt-note": {"fill": _MUTED},
    "pt-f": {"fill": _BAD},
    "pt-w": {"fill": _WARN},
}


def drawn_as(name: str) -> str:
    """The attributes of an element of that class."""
    values = [f'{key}="{value if isinstance(value, str) else value[1]}"' for key, value in _DRAWN[name].items()]
    values += ['font-weight="bold"'] if name in BOLD else []
    return f'class="{name}" {" ".join(values)}'


def picture_css() -> str:
    """The rules that the picture needs, for a <style> element."""
    rules = []
    for name, values in _DRAWN.items():
        colours = "; ".join(
            f"{key}: var(--{value[0]}, {value[1]})" for key, value in values.items() if isinstance(value, tuple)
        )
        rules.append(f".{name} {{ {colours} }}\n")
    return (
        ".pt-picture { display: block; width: 100%; height: auto; max-width: 1100px; }\n"
        # On a telephone it is moved about in its frame, since shrunk into it nobody could read it.
        ".pt-scroll { overflow-x: auto; }\n@media screen and (max-width: 40rem) { .pt-picture { min-width: 700px; } }\n"
        + "".join(rules)
        + "@media print { .pt-scroll { overflow: visible; } .pt-picture { max-height: 255mm; break-inside: avoid; } }\n"
    )
