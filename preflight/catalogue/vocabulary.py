"""The words that conditions and pairs may use. Kept as data here: the catalogue imports nothing of the topology.

A selftest holds them against preflight.topology.model, so that a new feature or role is added in both places.
"""

from __future__ import annotations

CHECK_SECTIONS = frozenset({"server", "ldap"})  # their rows are checklist items, all others are port flows

ROLES = (
    "cml",
    "mps",
    "ors",
    "crs",
    "ts",
    "ap_connector",
    "payment_system",
    "payment_machine",
    "recharge_station",
    "db",
    "ldap",
    "smtp",
    "workstation",
    "printer",
    "terminal",
    "card_reader",
    "vantage",
    "scan_server",
)
# No machine holds these: `server` is who serves the device, `localhost` the host itself, `local_monitor` a flag.
PSEUDO_ROLES = ("server", "localhost", "local_monitor")

FEATURES = (
    "cluster",
    "ors",
    "central_reporting",
    "analysis_services",
    "workstation_client",
    "client_protocol_level",
    "client_ssl_proxy",
    "local_monitor",
    "scan",
    "encryption",
    "payment",
    "payment_quickchip",
    "ap_connector",
    "etcd",
    "job_roaming",
    "near_roaming",
    "load_balancing",
    "preview",
    "time_sync",
    "firmware_updates",
    "online_tracking",
    "web_status",
    "monitoring",
    "print_server",
    "ldap",
    "database",
    "database_instance",
)
# Keys of the inventory's `checklist` that a row may wait for.
SAID = ("shares",)
# What an item may be asked of beside hosts, and the attributes of a directory's users, as the inventory names them.
DIRECTORY = "directory"
ATTRIBUTES = ("login", "first_name", "last_name", "department", "card", "id", "email")
# What `is` may name, for the features whose values are a closed list.
FEATURE_VALUES: dict[str, tuple[object, ...]] = {
    "client_protocol_level": (1, 2, 3, 4),
    "ldap": ("ldaps", "ldap", "global_catalog"),
    "database": ("embedded", "mssql"),
    "print_server": ("used", "unused", "unsaid"),
}

EMBEDDED_TERMINALS = (
    "ricoh",
    "konica_minolta",
    "xerox",
    "fuji_xerox",
    "sharp",
    "samsung",
    "hp",
    "toshiba",
    "browser",
    "sqta",
)
# What the device conditions may name; `vendor` is open, since a site may have machines of any maker.
DEVICE_WORDS: dict[str, tuple[str, ...]] = {
    "terminal": (*EMBEDDED_TERMINALS, "any"),
    "hardware": ("professional", "ultralight"),
    "delivery": ("raw", "lpr", "ipp"),
    "scan": ("smtp", "webdav", "smb", "ftp"),
}
