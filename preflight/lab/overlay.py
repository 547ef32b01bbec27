"""Lays single values over a nested one by their paths: users/attributes/login/missing."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any


def laid_over(value: Any, over: Mapping[str, Any]) -> Any:
    """A copy with each path's value put in. Steps are keys of mappings or positions in lists; a mapping's missing keys
    are made, a list's position must be there, or be the next one. Raises KeyError for a path that leads nowhere.
    """
    found = copy.deepcopy(value)
    for path, wanted in over.items():
        _put(found, path.split("/"), wanted, path)
    return found


def _put(into: Any, steps: list[str], wanted: Any, path: str) -> None:
    step, rest = steps[0], steps[1:]
    if isinstance(into, list):
        if not step.isdecimal() or int(step) > len(into):
            raise KeyError(f"{path}: there is no position {step}")
        key: Any = int(step)
        if key == len(into):
            into.append({})
    elif isinstance(into, dict):
        key = step
        if rest and into.get(key) is None:
            into[key] = {}
    else:
        raise KeyError(f"{path}: {step} leads nowhere")
    if rest:
        _put(into[key], rest, wanted, path)
    else:
        into[key] = copy.deepcopy(wanted)
