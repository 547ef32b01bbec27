"""JSON Schemas of waivers.yaml and attestations.yaml, for editors: `python -m preflight.rulings.schema` writes them."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from preflight.rulings.raw_rulings import RawAttestationFile, RawWaiverFile
from preflight.topology.schema import schema_of, schema_text

_MODELS: dict[str, type[BaseModel]] = {"waivers": RawWaiverFile, "attestations": RawAttestationFile}


def schema_files() -> dict[Path, str]:
    """Each file with its text. Only the loader checks that rows and hosts exist, and who approves what."""
    return {
        Path(__file__).with_name(f"{key}.schema.json"): schema_text(schema_of(model, f"SafeQ Preflight {key}"))
        for key, model in _MODELS.items()
    }


if __name__ == "__main__":
    for file, text in schema_files().items():
        file.write_text(text, encoding="utf-8", newline="\n")
