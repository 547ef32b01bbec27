"""The drawn parts: flow matrix, picture of the topology, certificates. Each is made by a module of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from preflight.report.certificates import certificates_css, certificates_html
from preflight.report.matrix import matrix_css, matrix_html
from preflight.report.picture import picture_css, topology_svg
from preflight.report.signoff.markup import room
from preflight.run.model import Run


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of HTML with a room of its own."""

    name: str  # the room's anchor
    title: str
    html: Callable[[Run], str]  # safe already; "" where there is nothing to show
    css: Callable[[], str]  # the rules it needs: --text, --muted, --line, --surface, --ok, --bad, --warn are the page's


def _picture(run: Run) -> str:
    """In a frame that scrolls, by keyboard too, where the page is narrower than can be read."""
    label = "The picture of the site"
    return f'<div class="pt-scroll" tabindex="0" role="region" aria-label="{label}">{topology_svg(run)}</div>'


# They may link to `#row-<ROW>`, and fill the filter of the tables by an attribute:
# <a href="#row-P01" data-find="P01 cml1 mfp1">.
BEFORE_SECTIONS: tuple[Part, ...] = (
    Part("flows", "Who reaches whom", matrix_html, matrix_css),
    Part("site", "The site, and what is shut", _picture, picture_css),
)
AFTER_SECTIONS: tuple[Part, ...] = (Part("certificates", "Certificates", certificates_html, certificates_css),)


def drawn_html(run: Run, parts: tuple[Part, ...]) -> str:
    """A room for each part that has something to show."""
    made = [(part, part.html(run)) for part in parts]
    return "".join(room(part.name, part.title, content, "drawn") for part, content in made if content)


def drawn_css() -> str:
    """The rules of all parts."""
    return "".join(part.css() for part in (*BEFORE_SECTIONS, *AFTER_SECTIONS))
