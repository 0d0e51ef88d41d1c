"""Resolve pyproject's ranges for Python 3.11, 3.12 and 3.13 without installing anything.

    python scripts/resolve.py            do they resolve, and does the lock still satisfy them?   (make resolve)
    python scripts/resolve.py --lock     write a new requirements.lock (--keep: without moving what it pins already)

torch is left out of the resolution, because its wheels for Linux bring several gigabytes of CUDA packages; its
version is put into the lock by hand. Its own light dependencies are named in its place.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
TORCH = "torch==2.13.0"
TORCH_NEEDS = ["filelock", "fsspec", "jinja2", "networkx", "sympy", "typing-extensions", "setuptools"]
PYTHONS = ("3.11", "3.12", "3.13")
HEADER = f"""# Written by: python scripts/resolve.py --lock
# The versions that `make` installs, on Python 3.11 to 3.13. torch has no hash and no local version: the CPU build
# (2.13.0+cpu) and the CUDA builds both satisfy it.
{TORCH}
"""


def resolve(*options: str, sources: list[Path] | None = None) -> str:
    """The pins for `sources` (default: the whole project and what torch needs); exits saying why if there are none."""
    with tempfile.TemporaryDirectory() as folder:
        override = Path(folder, "override.txt")
        override.write_text("torch ; sys_platform == 'never'\n", encoding="utf-8")
        if sources is None:
            torch_needs = Path(folder, "needs.in")
            torch_needs.write_text("\n".join(TORCH_NEEDS) + "\n", encoding="utf-8")
            sources = [ROOT / "pyproject.toml", torch_needs]
            options = (*(word for extra in ("lab", "grade", "site", "test") for word in ("--extra", extra)), *options)
        command = [sys.executable, "-m", "uv", "pip", "compile", *map(str, sources), "--override", str(override)]
        command += ["--no-header", "--no-annotate", "--quiet", "--no-emit-index-url", *options]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT)
    if done.returncode:
        sys.exit(f"The ranges do not resolve ({' '.join(options)}):\n{done.stderr}")
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder, "pins.txt")
        pins.write_text("".join(line for line in LOCK.read_text().splitlines(True) if not line.startswith("torch==")))
        if "--lock" in sys.argv:
            keep = ("--constraint", str(pins)) if "--keep" in sys.argv else ()
            LOCK.write_text(HEADER + resolve("--universal", "--python-version", PYTHONS[0], *keep))
            print(f"wrote {LOCK.name}: {len(LOCK.read_text().splitlines())} lines")
            return
        for python in PYTHONS:
            ranges = resolve("--python-version", python)
            locked = resolve("--python-version", python, "--constraint", str(pins))
            print(
                f"Python {python}: ranges resolve to {len(ranges.splitlines())} packages, "
                f"with the lock to {len(locked.splitlines())}"
            )


if __name__ == "__main__":
    main()
