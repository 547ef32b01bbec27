"""The drawn parts: flow matrix, picture of the topology, certificates. Each is made by a module of its own."""

from __future__ import annotations

from collections.abc import Callable

from preflight.report.signoff.markup import room
from preflight.run.model import Run

Drawing = Callable[[Run], str]  # a run -> HTML that is safe already; "" where there is nothing to draw

# THE PLACE TO PLUG THEM IN: anchor, title, what makes it. They may link to `#row-<ROW>`, and fill the filter of the
# tables by an attribute: <a href="#row-P01" data-find="P01 cml1 mfp1">.
BEFORE_SECTIONS: tuple[tuple[str, str, Drawing], ...] = ()  # matrix_html, topology_svg
AFTER_SECTIONS: tuple[tuple[str, str, Drawing], ...] = ()  # certificates_html


def drawn_html(run: Run, parts: tuple[tuple[str, str, Drawing], ...]) -> str:
    """A room for each part that has something to show."""
    made = [(name, title, drawing(run)) for name, title, drawing in parts]
    return "".join(room(name, title, content, "drawn") for name, title, content in made if content)
