"""YAML that comes with the suite: the fast reader gives what the careful one gives, by the rules of YAML 1.2."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from preflight.values.shipped_yaml import YAMLError, load

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*ROOT.glob("preflight/**/*.yaml"), *ROOT.glob("selftest/**/*.yaml")])


@pytest.mark.slow
def test_both_readers_agree_on_every_file() -> None:
    assert len(SHIPPED) > 100
    for file in SHIPPED:
        text = file.read_text(encoding="utf-8")
        assert load(text) == YAML(typ="safe", pure=True).load(text), file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("False", False),
        ("12:30", "12:30"),
        ("0755", "0755"),
        ("1_000", "1_000"),
        ("-7", -7),
        ("1.50", 1.5),
        ("1e3", "1e3"),
        ("2026-11-26", date(2026, 11, 26)),
        ("~", None),
        ("", None),
    ],
)
def test_plain_scalars(text: str, value: object) -> None:
    found = load(f"key: {text}\n")["key"]
    assert (found, type(found)) == (value, type(value))


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(YAMLError, match=r"(?s)c stands twice.*line 2"):
        load("a: 1\nb: {c: 1, c: 1}\n")


def test_what_is_laid_over_a_named_mapping() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {<<: *a, y: 3}\nc: [*b, *b, {<<: *b, x: 4}]\n"
    assert load(text)["c"] == [{"x": 1, "y": 3}, {"x": 1, "y": 3}, {"x": 4, "y": 3}]
