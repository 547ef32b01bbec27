"""The OpenLDAP directory as a site's inventory would describe it."""

from __future__ import annotations

from asking import described
from paper_authority import Authority
from planted_people import BRANCH, CARD, DEPARTMENT, ID, STAFF
from slapd_server import SERVICE, LocalSlapd

from preflight.topology.directory_model import Directory, Replication

NAMES = {"department": DEPARTMENT, "card": CARD, "id": ID}


def corp(server: LocalSlapd, authority: Authority, **more: object) -> Directory:
    """The directory as a site would describe it."""
    told = {
        "containers": (STAFF, BRANCH),
        "user": SERVICE,
        "ca": str(authority.file),
        "attributes": NAMES,
        "replication": Replication(True, "daily 02:00-04:00", 86400.0, "1h", 3600.0, 120.0),
    }
    return described("openldap", server.tls_port, **{**told, **more})
