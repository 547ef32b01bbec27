"""The table of certificates: the first to end first, what is wrong by sign and word, nothing of a server raw."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import get_args

import pytest
from generated import run_of, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.report.certificates import certificates_css, certificates_html
from preflight.run.model import Run
from preflight.run.model_site import CertificateResult, Flaw

FLAWS = get_args(Flaw)


def certificate(**changes: object) -> CertificateResult:
    values: dict[str, object] = {
        "host": "dc1",
        "address": "10.1.1.32",
        "port": 636,
        "service": "ldaps",
        "subject": "CN=dc1.corp.example",
        "issuer": "CN=Corp CA",
        "names": ("dc1.corp.example",),
        "not_before": "2025-01-01T00:00:00.000Z",
        "not_after": "2027-01-01T00:00:00.000Z",
        "days_left": 400,
        "sha256": "ab" * 32,
        "tls": "TLSv1.3",
    }
    return CertificateResult.model_validate(values | changes)


def with_certificates(*shown: CertificateResult) -> Run:
    return run_of([]).model_copy(update={"certificates": shown})


def rows(html: str) -> list[list[str]]:
    """The text of each cell of the body."""
    body = html.partition("<tbody>")[2]
    return [
        [unescape(re.sub(r"<[^>]+>", " ", cell)).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", body)
    ]


@pytest.mark.parametrize(
    ("changes", "days", "said"),
    [
        ({"days_left": 400}, "\u2713\u00a0400", "nothing was found"),
        ({"days_left": 30}, "\u2713\u00a030", "nothing was found"),
        ({"days_left": 29}, "!\u00a029", "! ends within 30 days"),
        ({"days_left": 0}, "!\u00a00", "! ends within 30 days"),
        ({"days_left": -1}, "\u2717\u00a0-1", "\u2717 expired"),
        ({"days_left": None}, "!\u00a0?", "! end not known"),
        ({"flaws": ("other name",)}, "\u2717\u00a0400", "\u2717 name mismatch"),
        ({"flaws": ("untrusted",)}, "\u2717\u00a0400", "\u2717 not trusted"),
        ({"flaws": ("unchecked",)}, "!\u00a0400", "! nobody checked the issuer"),
    ],
)
def test_what_a_reader_must_know_is_told_by_sign_and_word(changes: dict[str, object], days: str, said: str) -> None:
    ((first, *_, last),) = rows(certificates_html(with_certificates(certificate(**changes))))
    assert (first, last) == (days, said)


def test_the_first_to_end_stands_first_and_the_caption_counts_what_is_to_be_looked_at() -> None:
    days = (400, None, -3, 12)
    html = certificates_html(with_certificates(*(certificate(days_left=left) for left in days)))
    assert [row[0].split("\u00a0")[1] for row in rows(html)] == ["-3", "12", "400", "?"]
    assert "4 certificates as services showed them to the machine that runs the suite; 3 to look at" in html


def test_who_else_saw_a_certificate_stands_with_it() -> None:
    both = certificate(nodes=("cml1", "cml2"))
    theirs = certificate(nodes=("cml3",), here=False, days_left=500)
    html = certificates_html(with_certificates(both, theirs))
    first, second = (row[2] for row in rows(html))
    assert first.endswith("to the machine that runs the suite, cml1, cml2")
    assert second.endswith("to cml3")
    assert "to the machine that runs the suite and to machines of the site; none to look at" in html


def test_a_run_without_certificates_says_so_in_a_sentence() -> None:
    assert certificates_html(run_of([])).startswith('<p class="pc-none">No certificate was seen')


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.builds(
            certificate,
            **dict.fromkeys(("host", "address", "service", "subject", "issuer", "not_after", "sha256", "tls"), texts),
            names=st.lists(texts, max_size=6).map(tuple),
            problem=texts,
            nodes=st.lists(texts, max_size=3).map(tuple),
            here=st.booleans(),
            flaws=st.sets(st.sampled_from(FLAWS)).map(lambda found: tuple(sorted(found))),
            days_left=st.none() | st.integers(),
        ),
        max_size=6,
    )
)
def test_nothing_of_a_server_gets_through_raw(shown: list[CertificateResult]) -> None:
    tags: set[str] = set()
    attributes: set[str] = set()

    class Piece(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            attributes.update(name for name, _ in attrs)

        def handle_comment(self, data: str) -> None:
            raise AssertionError(data)

    html = certificates_html(with_certificates(*shown))
    parser = Piece()
    parser.feed(html)
    parser.close()
    assert tags <= {"p", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "b", "br", "span"}
    assert attributes <= {"class", "scope", "role", "aria-label", "tabindex"}
    assert len(rows(html)) == len(shown)


def test_every_class_has_its_rule_and_every_colour_a_fallback() -> None:
    shown = certificates_html(with_certificates(certificate(days_left=3)))
    classes = {name for names in re.findall(r'class="([^"]+)"', shown) for name in names.split()}
    assert classes <= set(re.findall(r"\.(pc-[\w-]+)", certificates_css()))
    assert not re.findall(r"var\(--[\w-]+\)", certificates_css())
