"""Writes a survey's observations to a file and reads them back, so that a run can be judged again."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from preflight.errors import RecordingError
from preflight.run.clean import clean_text
from preflight.run.files import write_atomically
from preflight.values.observation import Observations

FORMAT = "preflight observations"
VERSION = 1
_ADAPTER = TypeAdapter(Observations)
_SURROGATES = re.compile("[\ud800-\udfff]")


def observations_bytes(observations: Observations) -> bytes:
    """The same observations give the same bytes: UTF-8 JSON with sorted keys, no NaN."""
    tree = _ADAPTER.dump_python(observations, mode="json")
    envelope = {"format": FORMAT, "version": VERSION, "observations": tree}
    try:
        text = _compact(envelope)
    except ValueError:  # a host said NaN or Infinity
        envelope["observations"] = _finite(tree, typed=True)
        text = _compact(envelope)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, which no UTF-8 can carry
        return _SURROGATES.sub("\ufffd", text).encode("utf-8")


def dump_observations(observations: Observations, path: Path) -> None:
    """Writes the file, whole or not at all."""
    write_atomically(path, observations_bytes(observations))


def load_observations(path: Path) -> Observations:
    """Reads what `dump_observations` wrote; RecordingError when it is missing, foreign or broken."""
    try:
        envelope = json.loads(path.read_bytes())
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path}: is not JSON, so it was cut short or changed: {error}") from error
    if not isinstance(envelope, dict) or envelope.get("format") != FORMAT:
        raise RecordingError(f"{path}: holds no observations of this suite")
    if envelope.get("version") != VERSION:
        raise RecordingError(f"{path}: version {envelope.get('version')}, this suite reads version {VERSION} only")
    try:
        return _ADAPTER.validate_python(envelope.get("observations"))
    except ValidationError as error:
        first = error.errors()[0]
        problem = first["msg"]
        where = ".".join(str(part) for part in first["loc"])
        raise RecordingError(f"{path}: {clean_text(f'{where}: {problem}')}") from error


def _compact(envelope: dict[str, Any]) -> str:
    return json.dumps(envelope, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _finite(value: Any, *, typed: bool) -> Any:
    """Without NaN and Infinity: 0.0 where the field is a number, null inside a fact's free value."""
    if isinstance(value, float) and not math.isfinite(value):
        return 0.0 if typed else None
    if isinstance(value, dict):
        return {key: _finite(each, typed=typed and key != "value") for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each, typed=typed) for each in value]
    return value
