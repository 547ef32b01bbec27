"""Secrets come from where the reference points, and never show themselves."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from preflight.errors import InventoryError
from preflight.topology.credentials import Secret, resolve
from preflight.topology.model import SecretRef


def never(prompt: str) -> str:
    raise AssertionError(f"asked {prompt!r}")


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFLIGHT_TEST_SECRET", " pass word ")
    assert resolve(SecretRef("env", "PREFLIGHT_TEST_SECRET"), never).reveal() == " pass word "
    monkeypatch.delenv("PREFLIGHT_TEST_SECRET")
    with pytest.raises(InventoryError, match="'PREFLIGHT_TEST_SECRET' is not set; set it"):
        resolve(SecretRef("env", "PREFLIGHT_TEST_SECRET"), never)


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        (b"pw", "pw"),
        (b"pw\n", "pw"),
        (b"pw\r\n", "pw"),
        (b"pw\n\n", "pw\n"),
        (b" pw \r", " pw \r"),
        (b"", ""),
        ("\ufeffhe\u0161lo\n".encode(), "he\u0161lo"),
    ],
)
def test_file_loses_one_line_end(tmp_path: Path, written: bytes, secret: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(written)
    assert resolve(SecretRef("file", str(file)), never).reveal() == secret


def test_file_missing_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match=r"cannot be read: .*; put the secret there"):
        resolve(SecretRef("file", str(tmp_path / "none")), never)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(InventoryError, match="is not UTF-8"):
        resolve(SecretRef("file", str(tmp_path / "binary")), never)


def test_prompt_is_asked() -> None:
    assert resolve(SecretRef("prompt", "Brno admin"), lambda text: f"<{text}>").reveal() == "<Brno admin>"


def test_does_not_show_itself() -> None:
    secret = Secret("Winter2024")
    shown = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret!r:>10}",
        f"{secret:s}",
        " ".join(map(str, [secret])),
        repr({"a": secret}),
    ]
    assert not [text for text in shown if "Winter" in text]
    assert str(secret) == repr(secret) == "***"
    with pytest.raises(TypeError, match="not written"):
        pickle.dumps(secret)
