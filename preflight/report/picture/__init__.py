"""A picture of the site as SVG: networks with their machines, and the ways that failed between them."""

from preflight.report.picture.drawing import topology_svg as topology_svg
from preflight.report.picture.style import picture_css as picture_css
