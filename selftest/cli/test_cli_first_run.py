"""One run of the suite as a user's subprocess, for every day: the lab, whole, green, every row told."""

from __future__ import annotations

from pathlib import Path

from suite import Suite

from preflight.catalogue.loader import load_catalogue


def test_the_lab_passes_and_every_row_is_told(tmp_path: Path) -> None:
    suite = Suite(tmp_path)
    done = suite.run(cold=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(dict.fromkeys(c["row"] for c in suite.last()["cases"])) == [row.id for row in load_catalogue().rows]
    assert (suite.runs[-1] / "signoff.html").is_file()
