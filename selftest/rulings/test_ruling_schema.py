"""The JSON Schemas of waivers and attestations are current, take what loads and refuse what a schema can see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML
from ruled import ATTESTATION, ROWS, TOPOLOGY, WAIVER

from preflight.rulings.loader import read_rulings
from preflight.rulings.raw_rulings import RawAttestationFile, RawWaiverFile
from preflight.rulings.schema import schema_files
from preflight.topology.schema import schema_of

GOOD: dict[str, dict[str, Any]] = {
    "waivers": {"id": "W1", "requirement": ["S04", "P*"], "hosts": "mfp*", **WAIVER},
    "attestations": {"id": "A1", "requirement": "C09", "hosts": ["cml1"], **ATTESTATION},
}
VALIDATORS = {
    key: jsonschema.Draft202012Validator(schema_of(model, key))
    for key, model in (("waivers", RawWaiverFile), ("attestations", RawAttestationFile))
}


def test_files_are_current() -> None:
    for file, text in schema_files().items():
        assert file.read_text(encoding="utf-8") == text, "run: python -m preflight.rulings.schema"


@pytest.mark.parametrize("key", GOOD)
def test_takes_what_is_right(key: str) -> None:
    jsonschema.Draft202012Validator.check_schema(VALIDATORS[key].schema)
    VALIDATORS[key].validate({key: [GOOD[key]]})
    VALIDATORS[key].validate({key: []})


@pytest.mark.parametrize("key", GOOD)
@pytest.mark.parametrize(
    "change",
    [{"until": "31.1.2027"}, {"requirement": "printing"}, {"requirement": []}, {"untill": "2027-01-31"}, {"id": "W 1"}],
    ids=str,
)
def test_refuses_what_is_wrong(key: str, change: dict[str, Any]) -> None:
    assert not VALIDATORS[key].is_valid({key: [GOOD[key] | change]})


@pytest.mark.parametrize("missing", ["id", "requirement", "asked_by", "approved_by", "reason", "until", "ticket"])
def test_only_an_attestation_may_do_without_a_ticket(missing: str) -> None:
    for key, good in GOOD.items():
        without = {name: value for name, value in good.items() if name != missing}
        assert VALIDATORS[key].is_valid({key: [without]}) == (missing == "ticket" and key == "attestations")


@pytest.mark.parametrize("key", GOOD)
def test_the_documents_example_loads(key: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "rulings.md").read_text(encoding="utf-8")
    (text,) = re.findall(rf"^```yaml\n(# {key}\.yaml\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    data = YAML(typ="safe", pure=True).load(text)
    data[key][0]["until"] = str(data[key][0]["until"])
    VALIDATORS[key].validate(data)
    (one,) = read_rulings(Path("site"), {f"{key}.yaml": text}, TOPOLOGY, list(ROWS)).all
    assert one.approved_by == "Jan Black"
