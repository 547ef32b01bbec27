"""Real directories for the tests of this folder, one of each kind a session."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parents[1] / "agents"))

import samba_dc
import slapd_server
from paper_authority import Authority
from planted_people import Company, Faults
from samba_dc import LocalDomain
from samba_people import ad_people
from slapd_server import LocalSlapd

# They start servers.
MARKED = (
    "test_directory_run.py",
    "test_directory_tls.py",
    "test_openldap.py",
    "test_openldap_entrance.py",
    "test_samba_domain.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts servers."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name in MARKED:
            item.add_marker(pytest.mark.real)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A CA."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def company() -> Company:
    """20,000 users with planted faults."""
    return Company()


@pytest.fixture(scope="session")
def slapd(tmp_path_factory: pytest.TempPathFactory, authority: Authority, company: Company) -> Iterator[LocalSlapd]:
    """An OpenLDAP server that holds them."""
    reason = slapd_server.why_not()
    if reason:
        pytest.skip(reason)
    papers = authority.issue("slapd", ["dc1.corp.example", "127.0.0.1"])
    with LocalSlapd(tmp_path_factory.mktemp("slapd") / "server", company.ldif(), papers) as server:
        yield server


@pytest.fixture(scope="session")
def few() -> Company:
    """Users enough for every fault, and quickly loaded."""
    return Company(900, 100, Faults(no_card=20))


@pytest.fixture(scope="session")
def domain(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[LocalDomain]:
    """A Samba domain controller."""
    reason = samba_dc.why_not()
    if reason:
        pytest.skip(reason)
    papers = authority.issue("samba", ["dc1.corp.example"])
    folder = tmp_path_factory.mktemp("samba") / "domain"
    with LocalDomain(folder, papers, authority.file, ad_people()) as server:
        yield server
