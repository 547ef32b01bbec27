"""One lab for the library's own tests, without rules at the start of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netlab import NetLab
from netlab.watching import spec


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetLab]:
    with NetLab(spec(), tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def lab(built: NetLab) -> NetLab:
    built.rules([])
    return built
