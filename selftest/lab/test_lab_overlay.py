"""Single values laid over a nested one."""

from __future__ import annotations

from typing import Any

import pytest

from preflight.lab.overlay import laid_over

BASE: dict[str, Any] = {"a": {"b": [{"c": 1}, {"c": 2}]}, "n": None}


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({}, BASE),
        ({"a/b/1/c": 3}, {"a": {"b": [{"c": 1}, {"c": 3}]}, "n": None}),
        ({"a/b/2/c": 3}, {"a": {"b": [{"c": 1}, {"c": 2}, {"c": 3}]}, "n": None}),
        ({"a/b/2": 3}, {"a": {"b": [{"c": 1}, {"c": 2}, 3]}, "n": None}),
        ({"n/x/y": 3}, {"a": {"b": [{"c": 1}, {"c": 2}]}, "n": {"x": {"y": 3}}}),
        ({"a": [], "a/0": 1}, {"a": [1], "n": None}),
    ],
)
def test_values_are_put_in(over: dict[str, Any], found: dict[str, Any]) -> None:
    assert laid_over(BASE, over) == found
    assert BASE["a"]["b"][1] == {"c": 2}, "what it is laid over stays"


@pytest.mark.parametrize("path", ["a/b/4/c", "a/b/x", "a/b/0/c/d"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(KeyError, match=r"leads nowhere|no position"):
        laid_over(BASE, {path: 1})
