"""Cleaning: what may come from a host cannot act on a terminal, a page or a file."""

from __future__ import annotations

import pytest
from generated import HOSTILE, texts
from hypothesis import example, given

from preflight.run.clean import clean, clean_lines, clean_text


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("plain  text", "plain  text"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone", "gone"),
        ("\x1bP unfinished", ""),
        ("\x1b(Bset", "set"),
        ("a\r\nb\tc\u2028d", "a b c d"),
        ("\u202eabc\u2069\u200b", "abc"),
        ("a\ud800b\uffffc", "a\ufffdb\ufffdc"),
        ("tag \U000e0041\U000e007f", "tag "),
        ("n\u00a0b", "n b"),
        ("\u017dluťou\u010dký k\u016f\u0148", "\u017dluťou\u010dký k\u016f\u0148"),
    ],
)
def test_known_texts(raw: str, cleaned: str) -> None:
    assert clean_text(raw) == cleaned


@given(texts)
@example("a \x1b[\u200b b" * 900)
def test_cleaned_text_is_printable_bounded_and_stays_as_it_is(raw: str) -> None:
    once = clean_text(raw, 50)
    assert len(once) <= 50
    assert once.isprintable()
    once.encode("utf-8")
    assert clean_text(once, 50) == once


@pytest.mark.parametrize("piece", ["a", "\x1b[31m", "\n", "\u202e", "\ud800", *HOSTILE])
def test_ten_megabytes_become_one_line_that_says_so(piece: str) -> None:
    raw = piece * (10_000_000 // len(piece))
    cleaned = clean_text(raw)
    assert len(cleaned) <= 2000
    assert cleaned.endswith(f"[cut, {len(raw)} characters]")


def test_what_is_no_text_is_left_to_the_model_to_refuse() -> None:
    assert clean(5) == 5
    assert clean(None) is None


def test_a_message_of_several_lines_keeps_them() -> None:
    assert clean_lines("a.yaml:3: x\n\x1b[31mb.yaml:4: y\r\x07\n") == "a.yaml:3: x\nb.yaml:4: y \n"
