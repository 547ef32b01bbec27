"""The drawn parts: flow matrix, picture of the topology, certificates. Each is made by a module of its own."""

from __future__ import annotations

from collections.abc import Callable

from preflight.report.certificates import certificates_css, certificates_html
from preflight.report.matrix import matrix_css, matrix_html
from preflight.report.picture import picture_css, topology_svg
from preflight.report.signoff.markup import room
from preflight.run.model import Run

Drawing = Callable[[Run], str]  # a run -> HTML that is safe already; "" where there is nothing to draw

# Anchor, title, what makes it.
BEFORE_SECTIONS: tuple[tuple[str, str, Drawing], ...] = (
    ("flows", "Who reaches whom", matrix_html),
    ("site", "The site, and what is shut", topology_svg),
)
AFTER_SECTIONS: tuple[tuple[str, str, Drawing], ...] = (("certificates", "Certificates", certificates_html),)


def drawn_css() -> str:
    """Their rules. The pieces name colours by what they mean; here they become those of the page."""
    return _COLOURS + matrix_css() + picture_css() + certificates_css()


_COLOURS = (
    ":root { --ok: var(--passed); --bad: var(--failed); --warn: var(--unverified); --muted: var(--soft); "
    "--text: var(--ink); --surface: var(--ground) }\n"
)


def drawn_html(run: Run, parts: tuple[tuple[str, str, Drawing], ...]) -> str:
    """A room for each part that has something to show."""
    made = [(name, title, drawing(run)) for name, title, drawing in parts]
    return "".join(room(name, title, content, "drawn") for name, title, content in made if content)
