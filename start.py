"""Sets the suite up in .venv beside this file and runs it; needs nothing but Python. `start.py --help` says how."""

# No "#!" line: Windows' py launcher would obey it. No `from __future__ import annotations` and no syntax newer than
# Python 3.6: an old Python must be able to read this file to the check below. Later code may use 3.11's library.
import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit(
        "SafeQ Preflight needs Python 3.11 or newer; this is %s (%s).\n"
        "Start it with a newer one, for example: python3.11 start.py" % (sys.version.split()[0], sys.executable)
    )

VERSION = "%d.%d" % sys.version_info[:2]
WINDOWS = sys.platform == "win32"
ROOT = Path(__file__).absolute().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = SCRIPTS / ("python.exe" if WINDOWS else "python")
STAMP = VENV / "preflight-stamp.json"
STATE = ROOT / ".preflight-cache"
HALF_MADE = STATE / "venv-half-made"
LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
NAME_A_PATH = ("--inventory", "--catalogue", "--replay")
BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)

USAGE = """\
python3 start.py [pytest options]                      set up, then run the acceptance suite (default: the lab)
python3 start.py setup                                 only set up
python3 start.py selftest [--quick] [pytest options]   set up, then lint, types and the suite's own tests;
                                                       --quick leaves out tests marked real or slow
On Windows: py start.py ...   All options of the suite: {pytest} --help
"""


class Stop(Exception):  # noqa: N818 - it ends the program with a sentence, it is no error of the program
    """What is in the way of setting up, and what to do."""


def main(arguments: list[str]) -> int:
    """Set up and do what is asked; the exit code is that of what ran, or 3 when setting up failed."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(USAGE.format(pytest=SCRIPTS / "pytest"), end="")
        return 0
    if (ROOT / "preflight" / "commands" / f"{(arguments or ['?'])[0]}.py").is_file():
        print(f"start.py: set up, then write: {SCRIPTS / 'preflight'} {' '.join(arguments)}", file=sys.stderr)
        return 4
    task = arguments[0] if arguments[:1] in (["setup"], ["selftest"]) else "run"
    try:
        with alone():
            set_up(dev=task == "selftest")
    except (Stop, OSError) as error:
        print(f"start.py: no set-up in {ROOT}: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("start.py: interrupted; the next start makes up for it", file=sys.stderr)
        return 2
    if task == "selftest":
        return run([str(PYTHON), "selftest/steps.py", *arguments[1:]])
    code = run([str(PYTHON), "-m", "pytest", *from_here(arguments)]) if task == "run" else 0
    activate = r".venv\Scripts\activate" if WINDOWS else "source .venv/bin/activate"
    print(f"to go on in {ROOT}:  {activate}  then for example:  pytest --hosts=cml1", flush=True)
    return code


def set_up(*, dev: bool) -> None:
    """Bring .venv to what the lock files say; nothing happens when it already is."""
    reason = why_remake()
    if reason is not None:
        HALF_MADE.touch()
        make_venv(reason)
    lock, digest, dev_digest = (DEV_LOCK if dev else LOCK), digest_of(LOCK), digest_of(DEV_LOCK)
    stamp = read_stamp()
    if stamp.get("lock") != digest or (dev and stamp.get("dev") != dev_digest):
        HALF_MADE.touch()  # from here until the stamp is written, an interruption leaves a .venv that nobody can trust
        STAMP.unlink(missing_ok=True)
        with step(f"installing what {lock.name} names"):
            options = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary=:all:"]
            quiet(
                [str(PYTHON), "-m", "pip", "install", "--require-hashes", "-r", str(lock), *options],
                "pip could not install the dependencies. Behind a proxy set HTTPS_PROXY, for an index of your own "
                "PIP_INDEX_URL, and start again.",
            )
        new = {"checkout": str(ROOT), "lock": digest, "dev": dev_digest if dev else None}
        STAMP.write_text(json.dumps(new), encoding="utf-8")
    HALF_MADE.unlink(missing_ok=True)
    link_checkout()


def why_remake() -> str | None:
    """Why .venv must be made (again); None when it can be used."""
    if not VENV.exists() and not VENV.is_symlink():
        return "there is none yet"
    if HALF_MADE.exists():
        return "the last set-up was interrupted"
    made_in = read_stamp().get("checkout", str(ROOT))
    if made_in != str(ROOT):
        return f"it was made for {made_in}"
    code = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "its Python or its pip does not start"
    return None if found == VERSION else f"it holds Python {found}"


def make_venv(reason: str) -> None:
    """Make .venv afresh with the Python that runs this file."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise Stop(
            f"this Python ({sys.executable}) cannot make a virtual environment: its ensurepip is missing. "
            "On Debian and Ubuntu: sudo apt-get install python3-venv"
        )
    with step(f"making .venv with Python {VERSION} ({reason})"):
        try:
            if VENV.is_symlink() or VENV.is_file():
                VENV.unlink()
            elif VENV.exists():
                shutil.rmtree(VENV)
        except OSError as error:
            raise Stop(f"cannot remove {VENV}: {error}. End what runs in it (deactivate), start again.") from None
        base = getattr(sys, "_base_executable", None) or sys.executable  # not .venv's own, which is gone now
        quiet([base, "-m", "venv", str(VENV)], "Python could not make a virtual environment.")


def link_checkout() -> None:
    """Make `import preflight` and the command `preflight` work in .venv, with no build step and no network."""
    site = VENV / ("Lib/site-packages" if WINDOWS else f"lib/python{VERSION}/site-packages")
    # Relative, thus plain ASCII wherever the checkout stands: Python 3.11 reads .pth files in the system's encoding.
    put(site / "preflight-checkout.pth", Path(os.path.relpath(ROOT, site)).as_posix() + "\n")
    code = "import sys; from preflight.cli import main; sys.exit(main())"
    if WINDOWS:
        put(SCRIPTS / "preflight.cmd", f'@"%~dp0python.exe" -P -c "{code}" %*\n')
    else:
        put(SCRIPTS / "preflight", f'#!/bin/sh\nexec "$(dirname "$0")/python" -P -c \'{code}\' "$@"\n')
        (SCRIPTS / "preflight").chmod(0o755)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the checkout's set-up lock; a second start.py waits. The system lets go of it when a process dies."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "start.lock").open("a+b") as file:
        if not take(file.fileno()):
            print("another start.py is setting up here: waiting for it", flush=True)
            while not take(file.fileno()):
                time.sleep(0.3)
        yield


def take(handle: int) -> bool:
    """Try to take the lock. A file system that knows no locks counts as taken: one start.py at a time works there."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in BUSY
    return True


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """One line for a step, with its time."""
    print(f"{what} ... ", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def quiet(command: list[str], sentence: str) -> None:
    """Run a command of the set-up; what it says is shown only when it fails. pip's cache stays in the checkout, too."""
    environment = {"PIP_CACHE_DIR": str(STATE / "pip"), **os.environ}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode:
        raise Stop(f"{sentence}\n{done.stdout}{done.stderr}".strip())


def run(command: list[str]) -> int:
    """Run a command in the checkout; Ctrl-C is the command's to answer, so that a survey can end and be reported."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        # Not as an exception: between the command's end and its exit code it would lose the code, and 0 be returned.
        signal.signal(signal.SIGINT, lambda *_: None)
    process = subprocess.Popen(command, cwd=ROOT)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    code = process.wait()
    if code == -signal.SIGINT:  # it had not got as far as to answer by itself
        print("start.py: interrupted", file=sys.stderr)
    return 2 if code == -signal.SIGINT else code if code >= 0 else 128 - code


def from_here(arguments: list[str]) -> list[str]:
    """The arguments with paths of ours made absolute: pytest runs in the checkout, the user may stand elsewhere."""
    result: list[str] = []
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name in NAME_A_PATH and equals and Path(value).exists():
            argument = f"{name}={Path(value).absolute()}"
        elif result and result[-1] in NAME_A_PATH and Path(argument).exists():
            # Joined by "=": a path that stands alone would make pytest look for its settings beside it.
            argument = f"{result.pop()}={Path(argument).absolute()}"
        result.append(argument)
    return result


def digest_of(file: Path) -> str:
    """SHA-256 of a lock file, the same whatever line ends git gave it."""
    return hashlib.sha256(file.read_text(encoding="utf-8").encode()).hexdigest()


def read_stamp() -> dict[str, str | None]:
    """What .venv was last brought to; empty when nobody knows."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def put(file: Path, text: str) -> None:
    """Write a file of the set-up, unless it says that already."""
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
