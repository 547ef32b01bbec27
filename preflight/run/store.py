"""Where runs are kept: reports/<run id>/, and reports/latest."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from preflight.errors import RecordingError
from preflight.run.files import write_atomically
from preflight.run.model import Run
from preflight.run.observations import dump_observations, load_observations
from preflight.values.observation import Observations

RUN_FILE = "run.json"
OBSERVATIONS_FILE = "observations.json"
INPUT_FOLDER = "input"
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def run_id(self) -> str:
        """Name of the run, which is the folder's."""
        return self.path.name

    def write_run(self, run: Run) -> Path:
        """Writes run.json."""
        return self.write(RUN_FILE, run_bytes(run))

    def write_observations(self, observations: Observations) -> Path:
        """Writes observations.json."""
        dump_observations(observations, self.path / OBSERVATIONS_FILE)
        return self.path / OBSERVATIONS_FILE

    def read_observations(self) -> Observations:
        """Reads observations.json; RecordingError."""
        return load_observations(self.path / OBSERVATIONS_FILE)

    def write(self, name: str, content: bytes) -> Path:
        """Writes any other file of the folder (junit.xml), whole or not at all."""
        write_atomically(self.path / name, content)
        return self.path / name

    def copy_input(self, inventory: Path, others: Sequence[Path] = ()) -> Path:
        """Copies the inventory and the files that it names to input/, and returns the inventory's copy.

        They keep their places to each other, so that the copy loads as the original did. OSError as they come.
        """
        files = [path.resolve() for path in (inventory, *others)]
        try:
            root = Path(os.path.commonpath([path.parent for path in files]))
        except ValueError:  # on two drives of Windows
            root = files[0].parent
        copies = []
        for path in files:
            inside = path.relative_to(root) if path.is_relative_to(root) else Path("elsewhere") / path.name
            copy = self.path / INPUT_FOLDER / inside
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copies.append(copy)
        return copies[0]

    def inventory(self, name: str) -> Path:
        """The copy of the inventory of that name; RecordingError when the folder holds none."""
        copies = (self.path / INPUT_FOLDER).rglob("*")  # compared by name: `site[1].yaml` as a glob finds no such file
        found = sorted((c for c in copies if c.name == name), key=lambda path: (len(path.parts), str(path)))
        if not found:
            raise RecordingError(f"{self.path}: holds no copy of the inventory ({INPUT_FOLDER}/{name})")
        return found[0]


def run_bytes(run: Run) -> bytes:
    """A run as run.json holds it: UTF-8, fields in the schema's order, mappings as they were built."""
    return run.model_dump_json(indent=1).encode("utf-8") + b"\n"


def slug(text: str) -> str:
    """Lower-case ASCII for a file name: "Žďár nad Sázavou" -> "zdar-nad-sazavou"; "site" when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "site"


def new_run_folder(reports_dir: Path, site: str, when: datetime) -> RunFolder:
    """Makes reports/<UTC time>-<site>/; a second run in the same second gets -2. OSError when it cannot."""
    reports_dir.mkdir(parents=True, exist_ok=True)
    stem = f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}-{slug(site)}"
    name, number = stem, 1
    while True:
        try:
            (reports_dir / name).mkdir()
        except FileExistsError:
            number += 1
            name = f"{stem}-{number}"
        else:
            return RunFolder(reports_dir / name)


def move_latest(reports_dir: Path, folder: RunFolder) -> None:
    """Makes reports/latest mean this folder: a relative link, or a text file with its name where links are refused.

    RecordingError when something that is not ours (a real folder) stands in the way.
    """
    latest = reports_dir / LATEST
    if latest.is_dir() and not latest.is_symlink():
        raise RecordingError(
            f"{latest}: is a folder and no link, so it was left alone and names no run; rename it, and run again"
        )
    temporary = reports_dir / f".{LATEST}.{os.getpid()}.tmp"
    temporary.unlink(missing_ok=True)
    try:
        temporary.symlink_to(folder.path.name, target_is_directory=True)
        if os.name == "nt" and latest.is_symlink():
            latest.unlink()  # Windows does not rename over a link to a folder
        temporary.replace(latest)
    except (OSError, NotImplementedError):  # Windows without the right to make links; some network drives
        temporary.unlink(missing_ok=True)
        if latest.is_symlink():
            latest.unlink()
        write_atomically(latest, f"{folder.path.name}\n".encode())
