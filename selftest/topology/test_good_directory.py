"""What the good inventory says of its directory, as values."""

from __future__ import annotations

from pathlib import Path

from preflight.topology.directory_model import AttributeName, CardSettings, Directory, Replication
from preflight.topology.directory_presets import PRESETS
from preflight.topology.loader import load_inventory
from preflight.topology.model import SecretRef

GOOD = Path(__file__).parent / "good"


def test_directory() -> None:
    good = load_inventory(GOOD / "inventory.yaml")
    names = {
        "login": "uid",
        "first_name": "gn",
        "last_name": "surname",
        "department": "departmentNumber",
        "card": "pager",
        "id": "employeeID",
    }
    assert good.directories == (
        Directory(
            name="corp",
            servers=("dir1",),
            protocol="starttls",
            preset=PRESETS["active_directory"],
            filter="(&(objectClass=user)(!(objectClass=computer)))",
            domains=("corp.example", "sub.corp.example"),
            containers=("OU=Staff,DC=corp,DC=example",),
            user="CORP\\svc-safeq",
            password=SecretRef("env", "LDAP_PASSWORD"),
            ca=str(GOOD.absolute() / "corp-ca.pem"),
            certificate_names=("dc01.corp.example",),
            port=10389,
            global_catalog=True,
            global_catalog_port=13268,
            attributes={role: AttributeName(name, "site") for role, name in names.items()},
            declined=frozenset({"email"}),
            card=CardSettings("hex", "C:", (8, 14)),
            replication=Replication(True, "daily 02:00-04:00", 86400.0, "1h", 3600.0, 60.0),
            line=77,
        ),
    )
