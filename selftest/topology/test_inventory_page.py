"""docs/inventory.md names every key of the format, and its first example and CSV load."""

from __future__ import annotations

import re
from pathlib import Path

from preflight.topology import raw, raw_directory, raw_features
from preflight.topology.loader import load_inventory
from preflight.topology.raw_base import Raw

PAGE = (Path(__file__).parents[2] / "docs" / "inventory.md").read_text(encoding="utf-8")


def test_every_key_is_named() -> None:
    models = {m for module in (raw, raw_directory, raw_features) for m in vars(module).values() if isinstance(m, type)}
    keys = {key for model in models if issubclass(model, Raw) for key in model.model_fields}
    assert {"customer", "passive_ports", "kind"} <= keys
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    named = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`\n]+)`", prose))))
    assert keys - named == set()


def test_examples_load(tmp_path: Path) -> None:
    yaml, table = re.findall(r"```(?:yaml)?\n(.*?)```", PAGE, re.DOTALL)[:2]
    (tmp_path / "printers.csv").write_text(table, encoding="utf-8")
    (tmp_path / "inventory.yaml").write_text(yaml + "  - {csv: printers.csv}\n", encoding="utf-8")
    site = load_inventory(tmp_path / "inventory.yaml")
    assert list(site.machines) == ["cml1", "cml2", "mfp1", "mfp3"]
    assert site.machines["mfp3"].terminal == {"ricoh", "browser"}
