"""The shipped catalogue says what the page's rows say, all 110 of them, and says it in a form fit for a report."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from preflight.catalogue.loader import load_catalogue
from preflight.catalogue.model import Catalogue, FlowRow

SEED = Path(__file__).parents[3] / "shared" / "seed" / "rows.json"
# Names that differ between the page's rows and the catalogue.
NAMES = {"proto": "protocol", "from": "ends_from", "to": "ends_to"}
OURS = "Our reading: "


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def seed() -> list[dict[str, Any]]:
    if not SEED.is_file():
        pytest.skip(f"the page's rows are not here: {SEED}")
    rows: list[dict[str, Any]] = json.loads(SEED.read_text(encoding="utf-8"))
    return rows


def test_counts(catalogue: Catalogue) -> None:
    assert (len(catalogue.rows), len(catalogue.flows)) == (110, 86)


def test_ids_and_order(catalogue: Catalogue, seed: list[dict[str, Any]]) -> None:
    assert [row.id for row in catalogue.rows] == [row["id"] for row in seed]


def test_every_field_of_the_page(catalogue: Catalogue, seed: list[dict[str, Any]]) -> None:
    differing = []
    for said in seed:
        row = catalogue.row(said["id"])
        for name, value in said.items():
            if name == "note":
                continue
            got = getattr(row, NAMES.get(name, name))
            if got != (tuple(value) if isinstance(value, list) else value):
                differing.append((row.id, name, value, got))
    assert differing == []


def test_nothing_added_to_the_page(catalogue: Catalogue, seed: list[dict[str, Any]]) -> None:
    """Fields that hold the page's words are empty where the page has none."""
    optional = {"when": None, "carries": None, "volume": None, "encrypted": False, "settings": (), "site_says": None}
    added = [
        (said["id"], name)
        for said in seed
        for name, empty in optional.items()
        if name not in said and getattr(catalogue.row(said["id"]), name, empty) != empty
    ]
    assert added == []


def test_notes_keep_the_page_s_and_mark_ours(catalogue: Catalogue, seed: list[dict[str, Any]]) -> None:
    wrong = []
    for said in seed:
        note, theirs = catalogue.row(said["id"]).note, said.get("note")
        added = (note or "").removeprefix((theirs or "").rstrip(".")).removeprefix(".").lstrip()
        kept = theirs is None or (note or "").startswith(theirs.rstrip("."))
        if not kept or (added and not added.startswith(OURS)):
            wrong.append((said["id"], note))
    assert wrong == []


def test_requirement_names_every_port(catalogue: Catalogue) -> None:
    missing: list[tuple[str, int | str]] = []
    for row in catalogue.flows:
        ports = row.ports if isinstance(row.ports, tuple) else ()
        if row.notation == "range":
            ports = (ports[0], ports[-1])
        numbers = set(re.findall(r"\d+", row.requirement))
        missing += [(row.id, port) for port in ports if str(port) not in numbers]
        if not re.search(rf"\b{row.protocol.upper()}\b", row.requirement) and row.ports != ">1023":
            missing.append((row.id, row.protocol))
    assert missing == []


def test_texts_are_fit_for_a_report(catalogue: Catalogue) -> None:
    """One sentence that must be true, one to three that help, and no two rows with the same help."""
    assert [row.id for row in catalogue.rows if not re.fullmatch(r"[A-Z].*[^.]\.", row.requirement)] == []
    assert [row.id for row in catalogue.rows if len(row.requirement) > 160] == []
    assert [row.id for row in catalogue.rows if not 40 <= len(row.remedy) <= 260] == []
    remedies = [row.remedy for row in catalogue.rows]
    assert len(set(remedies)) == len(remedies)


def test_settable_ports(catalogue: Catalogue) -> None:
    """Every row for which the page knows a property or a default can be set by the inventory, and no other."""
    said = "W07 W08 W09 W10 W11 W13 W14 P18 S10 S15 I08 I16 I17 O04 O17"
    assert [row.id for row in catalogue.flows if row.configurable] == said.split()
    assert all(row.configurable for row in catalogue.flows if any("Port (" in s for s in row.settings))


# Who serves the port, as decided for the whole page; all rows not named are the product's.
SERVED = {
    "device": [f"P{n:02}" for n in range(1, 19)],
    "platform": ["S13"],
    "existing": ["W06", "O01", "O02", "O03", "O12", "O14", "O15", "O16"],
}


def test_who_serves(catalogue: Catalogue) -> None:
    for kind, ids in SERVED.items():
        assert [row.id for row in catalogue.flows if row.served_by == kind] == ids
    own_machine = [row.id for row in catalogue.flows if row.existing_unless_on]
    assert own_machine == ["O06", "O07", "O08", "O09", "O10", "O11"]


def test_restricted_rows(catalogue: Catalogue) -> None:
    restricted: dict[tuple[str, str], list[str]] = {}
    for row in catalogue.flows:
        if row.restricted_from:
            restricted.setdefault((row.restricted_from, row.restricted_when), []).append(row.id)
    assert restricted == {
        ("elsewhere", "after"): [f"W{n:02}" for n in range(7, 16)] + ["I05", "I15"],
        ("workstation", "always"): ["I10", "I11", "I12", "I13"],
    }


def test_silence(catalogue: Catalogue) -> None:
    silence = {row.id: row.silence for row in catalogue.flows if row.silence != "failed"}
    jmx = [f"W{n:02}" for n in range(7, 16)]
    assert silence == dict.fromkeys(jmx, "allowed") | {"W09": "advisory", "W10": "advisory"}


def test_devices_known_by_address(catalogue: Catalogue) -> None:
    known = [row.id for row in catalogue.flows if row.by_address]
    assert known == [row.id for row in catalogue.flows if row.section == "printer_to_server"] + ["O04"]


@pytest.mark.parametrize("row_id", ["W05", "S05", "I08", "O15", "S15", "I16"])
def test_conditions_of_the_hard_rows(catalogue: Catalogue, row_id: str) -> None:
    row = catalogue.row(row_id)
    assert isinstance(row, FlowRow)
    said = [c.model_dump(by_alias=True, exclude_none=True) for c in row.applies]
    assert (row.pair.kind, row.pair.source, row.pair.to, said) == HARD[row_id]


HARD: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], list[dict[str, Any]]]] = {
    "W05": (
        "served",
        ("workstation",),
        ("server",),
        [
            {"feature": "workstation_client"},
            {"feature": "client_protocol_level", "is": (1, 2, 3)},
            {"feature": "client_ssl_proxy"},
        ],
    ),
    "S05": (
        "served",
        ("printer",),
        ("server",),
        [
            {
                "any": (
                    {"terminal": ("sqta",)},
                    {"all": ({"terminal": ("browser",)}, {"vendor": ("hp", "sharp", "toshiba")})},
                )
            }
        ],
    ),
    "I08": ("multicast", ("ors",), ("ors",), [{"feature": "near_roaming"}, {"group_min": 10}]),
    "I16": ("etcd", ("cml", "ors"), ("cml", "ors"), [{"feature": "etcd"}]),
    "O15": ("each", ("cml",), ("db",), [{"feature": "database", "is": ("mssql",)}, {"feature": "database_instance"}]),
    "S15": ("served", ("printer",), ("server",), [{"terminal": ("any",)}, {"scan": ("ftp",)}]),
}


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("YSoftSafeQCMLService", True),
        ("ysoftsafeqldapreplicator", True),
        ("YSQ_PGSQL", True),
        ("YSoftSafeQClient", False),
        ("ysoftsafeqclientservice", False),
        ("SafeQ YSoft", False),
    ],
)
def test_a_client_of_the_product_is_not_the_product(catalogue: Catalogue, name: str, counts: bool) -> None:
    """Nor does it make a server one that has it: before installation a client may have been rolled out everywhere."""
    assert any(re.fullmatch(p, name, re.IGNORECASE) for p in catalogue.product.services) == counts
