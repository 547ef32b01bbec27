"""signoff.pdf: the sign-off page on A4 by WeasyPrint, which is an extra and not installed unless it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable

from preflight.errors import InputError

PDF_FILE = "signoff.pdf"
REQUIREMENT = "weasyprint>=68,<71"  # as pyproject.toml has it in its extra `pdf`


def pdf_maker() -> Callable[[bytes], bytes]:
    """What turns the page's HTML into a PDF; InputError that says what to install where WeasyPrint does not load."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except ImportError as error:
        raise InputError(
            f'--pdf needs WeasyPrint ({error}); install it with: "{sys.executable}" -m pip install "{REQUIREMENT}". '
            "Without it, print signoff.html to a PDF from a browser."
        ) from error
    except OSError as error:  # its own library is there, the system's Pango is not
        raise InputError(
            f"--pdf: WeasyPrint does not find a library of the system ({error}); install Pango, on Debian with: "
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0, on macOS with: brew install pango, on Windows with "
            "MSYS2's mingw-w64-x86_64-pango. Without it, print signoff.html to a PDF from a browser."
        ) from error

    def make(page: bytes) -> bytes:
        # The page needs nothing from elsewhere, so whatever asks for something came from a host.
        nothing = URLFetcher(allowed_protocols=())
        content: bytes = HTML(string=page.decode("utf-8"), url_fetcher=nothing).write_pdf()
        return content

    return make
