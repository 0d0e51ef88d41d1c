"""A lab's way from `course labs new` to a student's JupyterLab, in the repository and outside it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
import zipfile
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from course import labs
from helpers import checks
from helpers.checks import load

ROOT = Path(__file__).resolve().parents[2]
NAME = "lab41_means"
TOP = "transformers-by-hand"
PRIVATE = ("helpers/PRIVATE-exam.txt", "helpers/checks/lab42_exam.py", "helpers/assets/marks.csv", "roster.csv")


def course(*arguments, at: Path, check=True, **environment):
    """`course` with the package that lies in `at`, or this one."""
    environment = {**{k: v for k, v in os.environ.items() if k != checks.OWN_LABS}, **environment}
    if not (at / "helpers").is_dir():
        environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, "-m", "course.cli", *map(str, arguments)],
        cwd=at,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


def git(at: Path, *arguments):
    subprocess.run(["git", "-c", "user.name=ada", "-c", "user.email=ada@example.org", *arguments], cwd=at, check=True)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The course in git, with a new lab of two parts and private files that nobody has added. Not to be changed."""
    at = tmp_path_factory.mktemp("checkout")
    for name in labs.BUNDLED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, at / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, at / name)
    for folder in ("solutions", "labs", "tests/labs"):
        shutil.copytree(ROOT / folder / "lab02_attention", at / folder / "lab02_attention")
    git(at, "init", "--quiet")
    git(at, "add", ".")
    git(at, "commit", "--quiet", "--message", "The course")
    course("labs", "new", NAME, at=at)
    course("labs", "part", "lab41", "span", at=at)
    for name in PRIVATE:
        (at / name).write_text("top secret")
    return at


@pytest.fixture
def changed(checkout, tmp_path):
    """A copy of the checkout, to be changed."""
    return shutil.copytree(checkout, tmp_path / "changed", symlinks=True)


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """A folder with a lab outside the repository."""
    folder = tmp_path / "mine"
    monkeypatch.setenv(checks.OWN_LABS, str(folder))
    labs.new(ROOT, NAME)
    yield folder
    checks._load_own.cache_clear()


def cells(path: Path):
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


# --- a new lab, a new part --------------------------------------------------------------------------


def test_a_new_lab_in_the_repository_is_ready_to_run(checkout):
    lab = labs.Files.in_repository(checkout, NAME)
    assert all(path.exists() for path in (lab.source, lab.checks, lab.released, lab.zoo / "mean/right/loop.py"))
    assert "[OK]" in course("labs", "check", "--no-run", "lab41", at=checkout).stdout
    for there in (NAME, "My Lab"):
        said = course("labs", "new", there, at=checkout, check=False)
        assert said.returncode == 2 and said.stderr.count("\n") == 1
    for cell in cells(lab.released).values():
        if cell.cell_type == "code" and cell.id != "setup":
            compile(cell.source, cell.id, "exec")


def test_a_part_has_cells_checks_points_and_a_zoo(outside):
    labs.add_part(ROOT, NAME, "span")
    order = list(cells(outside / f"{NAME}.ipynb"))
    assert order == [
        "title",
        "setup",
        "start",
        "mean-question",
        "mean",
        "mean-test",
        "span-question",
        "span",
        "span-test",
        "written-question",
        "written",
        "progress",
    ]
    assert nbformat.read(outside / f"{NAME}.ipynb", as_version=4).metadata.points == {"core": 4, "stretch": 0}
    assert [(part.name, part.full) for part in load(NAME).parts] == [("mean", 2), ("span", 2)]
    assert labs.problems(ROOT, NAME) == []
    found, score = labs.run_problems(ROOT, NAME)
    assert found == [] and score.points == 4
    assert {animal.part for animal in labs.zoo(ROOT, [NAME])} == {"mean", "span"}


@pytest.mark.parametrize(
    "taken", ["mean", "sum", "np", "class", "written", "progress", "Part", "check", "checks", "two words", "_mean"]
)
def test_a_part_has_a_name_that_is_free(outside, taken):
    before = (outside / f"{NAME}.py").read_text()
    with pytest.raises(ValueError, match="cannot be the name of a part"):
        labs.add_part(ROOT, NAME, taken)
    assert (outside / f"{NAME}.py").read_text() == before


@pytest.mark.parametrize(
    "end",
    [
        'LAB = Lab("lab41_means", "Means – ½", [mean])\n',
        'LAB = Lab(\n    "lab41_means",\n    "Means",\n    [mean],\n)\n',
    ],
)
def test_a_part_is_added_however_the_list_is_written(outside, end):
    path = outside / f"{NAME}.py"
    path.write_text(path.read_text().rpartition("LAB =")[0] + end)
    labs.add_part(ROOT, NAME, "span")
    assert [part.name for part in load(NAME).parts] == ["mean", "span"]


def test_the_first_part_is_called_as_you_say(tmp_path, monkeypatch):
    monkeypatch.setenv(checks.OWN_LABS, str(tmp_path / "mine"))
    for taken in ("sum", "np", "written"):
        with pytest.raises(ValueError, match="cannot be the name of a part"):
            labs.new(ROOT, "lab43_vectors", taken)
    labs.new(ROOT, "lab43_vectors", "length")
    assert labs.problems(ROOT, "lab43_vectors") == []
    assert [part.name for part in load("lab43_vectors").parts] == ["length"]
    assert "mean" not in cells(tmp_path / "mine/lab43_vectors.ipynb")


def test_a_part_cannot_be_added_to_what_is_written_otherwise(outside):
    path = outside / f"{NAME}.py"
    path.write_text(path.read_text().replace("[mean])", "list([mean]))"))
    with pytest.raises(ValueError, match=rf"{NAME}\.py has no line LAB = Lab"):
        labs.add_part(ROOT, NAME, "span")


# --- check: what make test asks ---------------------------------------------------------------------


def fill(zoo: Path) -> None:
    """The answers that the zoo of `mean` lacks."""
    for i in range(6):
        (zoo / f"mean/wrong/sum{i}.py").write_text(
            f"# mistake: the sum\ndef mean(values):\n    return sum(values) + {i} * 0\n"
        )
    for i in range(2):
        (zoo / f"mean/right/sum{i}.py").write_text(f"def mean(v):\n    return sum(v) / len(v) + {i} * 0\n")


def test_check_asks_for_what_the_zoo_lacks(outside):
    zoo = outside / f"zoo/{NAME}"
    assert labs.tried_problems(ROOT, NAME) == [
        f"{zoo / 'mean'}: 2 wrong answers, it takes 8",
        f"{zoo / 'mean'}: 1 right answer, it takes 3",
        f"{zoo / 'mean'}: 2 named answers, it takes 8",
    ]
    assert labs.report_zoo(ROOT, [NAME]) == 1
    fill(zoo)
    assert labs.tried_problems(ROOT, NAME) == []
    assert labs.report_zoo(ROOT, [NAME]) == 0


ZOO_FAULTS = {
    "no wrong answer begins with '# mistake: not allowed'": (
        "wrong/library.py",
        "# mistake: the sum\ndef mean(v):\n    return sum(v)\n",
    ),
    "the part has no mistake called 'a typo'": ("wrong/typo.py", "# mistake: a typo\ndef mean(v):\n    return 0.0\n"),
    "wrong, but the check accepts it": ("wrong/good.py", "# mistake: -\ndef mean(v):\n    return sum(v) / len(v)\n"),
    "right, but the check says wrong": ("right/bad.py", "def mean(v):\n    return 7.0\n"),
    "the check names 8 of 9 mistakes; it takes nine of ten": (
        "wrong/other.py",
        "# mistake: the sum\ndef mean(v):\n    return 0.0\n",
    ),
}


@pytest.mark.parametrize("words", ZOO_FAULTS)
def test_check_names_what_is_wrong_in_the_zoo(outside, words):
    zoo = outside / f"zoo/{NAME}"
    fill(zoo)
    file, text = ZOO_FAULTS[words]
    (zoo / "mean" / file).write_text(text)
    assert any(words in found and str(zoo / "mean") in found for found in labs.tried_problems(ROOT, NAME))


CHECKS_FAULTS = {
    "'values' has no case that is drawn at random": ("rng.normal(size=size).tolist()", "[float(size)] * size"),
    "needs a sentence and at least two hints": ('"How many values are there?",', ""),
    "the mistake 'the sum' is called right": ("float(np.sum(values))", "float(np.mean(values))"),
    "its right answer is not right for the seeds [0,": ("return float(np.mean(values))", "return np.random.rand()"),
}


@pytest.mark.parametrize("words", CHECKS_FAULTS)
def test_check_names_what_is_wrong_in_the_checks(outside, words):
    path = outside / f"{NAME}.py"
    old, new = CHECKS_FAULTS[words]
    path.write_text(path.read_text().replace(old, new, 1))
    assert any(words in problem for problem in labs.checks_problems(load(NAME).parts[0]))


def test_check_runs_the_zoo_and_says_where_points_are_stated(outside):
    said = course("labs", "check", "lab41", at=outside, check=False, COURSE_LABS=str(outside))
    assert said.returncode == 1 and f"{outside / 'zoo' / NAME / 'mean'}: 2 wrong answers, it takes 8" in said.stdout
    source = outside / f"{NAME}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.metadata.points = {"core": 6}
    nbformat.write(notebook, source)
    labs.build(ROOT, [NAME])
    (problem,) = labs.problems(ROOT, NAME)
    assert "the core parts give 2 points, not 6" in problem and f"`points` in the metadata of {source}" in problem


def test_a_folder_of_the_zoo_that_is_no_part_is_named(outside):
    (outside / f"zoo/{NAME}/mean").rename(outside / f"zoo/{NAME}/average")
    with pytest.raises(
        ValueError, match=rf"zoo/{NAME}/average/right/loop\.py: .* are mean\. Rename the folder or delete"
    ):
        labs.zoo(ROOT, [NAME])


# --- labs outside the repository --------------------------------------------------------------------


def test_a_lab_outside_the_repository_goes_the_whole_way(tmp_path):
    """Everything that the commands do in the repository, from a folder named by a path that is not absolute."""
    (tmp_path / "mine").mkdir()
    here = {"at": tmp_path, "COURSE_LABS": "mine"}
    course("labs", "new", NAME, **here)
    course("labs", "part", "lab41", "span", **here)
    assert "nothing has changed" in course("labs", "build", **here).stdout
    assert f"[OK] {NAME}" in course("labs", "check", "--no-run", **here).stdout
    assert "span" in course("labs", "zoo", check=False, **here).stdout
    assert f"labs/{NAME}/{NAME}.ipynb" in course("labs", "bundle", "lab41", "--out", "lab.zip", **here).stdout

    submission = tmp_path / f"inbox/ada/{NAME}.ipynb"
    submission.parent.mkdir(parents=True)
    released = nbformat.read(tmp_path / f"mine/labs/{NAME}/{NAME}.ipynb", as_version=4)
    for cell in released.cells:
        if cell.id in ("mean", "span"):
            cell.source = f"def {cell.id}(values):\n    return sum(values) / len(values)"
        if cell.id == "written":
            cell.source = "Because of the length."
    nbformat.write(released, submission)
    assert json.loads(course("selfgrade", submission, "--json", **here).stdout)["points"] == 4
    from course.grading.sandbox import probe

    unsafe = ["--unsafe-no-sandbox"] if probe() else []
    course("grade", "lab41", "--inbox", "inbox", "--data", "class", "--workers", 1, *unsafe, **here)
    course("export", "lab41", "--data", "class", "--format", "csv", "--out", "marks.csv", **here)
    heading, row = (line.split(",") for line in (tmp_path / "marks.csv").read_text("utf-8").splitlines()[:2])
    marks = dict(zip(heading, row, strict=True))
    assert (marks["mean (2)"], marks["span (2)"]) == ("2", "2")


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    said = course("labs", "check", at=tmp_path, check=False, COURSE_LABS=str(tmp_path / "gone"))
    assert said.returncode == 2
    assert said.stderr == f"Error: COURSE_LABS names {tmp_path / 'gone'}, and there is no such folder.\n"


def test_without_names_own_labs_are_meant_and_by_name_both_kinds(outside):
    assert labs.own() == [NAME]
    assert NAME not in labs.names(ROOT) and "lab02_attention" in labs.names(ROOT)
    assert labs.names(ROOT, ["lab41", "lab02"]) == [NAME, "lab02_attention"]
    with pytest.raises(ValueError, match=f"no lab 'lab77' in .*solutions or {outside}"):
        labs.names(ROOT, ["lab77"])
    (outside / "scratch.ipynb").write_text("{}")  # a notebook without checks
    assert labs.own() == [NAME]


def test_a_number_that_two_labs_have_is_not_enough_to_grade(outside):
    from course.grading.grader import Assignment

    assert Assignment.of("lab41").name == NAME
    labs.new(ROOT, "lab41_more", "middle")
    with pytest.raises(ValueError, match=f"Which lab is meant: {NAME} or lab41_more"):
        Assignment.of("lab41")
    assert Assignment.of(NAME).name == NAME


# --- what is handed out -----------------------------------------------------------------------------


def unpack(path: Path, to: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(to)
    return to / TOP


def files(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name.removeprefix(f"{TOP}/") for name in archive.namelist()}


def test_the_zip_holds_what_the_lab_needs_and_nothing_else(checkout, tmp_path):
    said = course("labs", "bundle", NAME, "--out", tmp_path / "one.zip", at=checkout).stdout
    course("labs", "bundle", NAME, "--out", tmp_path / "two.zip", at=checkout)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    held = files(tmp_path / "one.zip")
    assert {
        f"labs/{NAME}/{NAME}.ipynb",
        f"helpers/checks/{NAME}.py",
        "pyproject.toml",
        "Makefile",
        "README.md",
        "helpers/quiz.js",
        "helpers/assets/minilm.txt",
    } <= held
    assert not held & set(PRIVATE)
    assert not [name for name in held if name.startswith(("solutions", "tests", ".")) or "lab02" in name]
    size = (checkout / f"helpers/checks/{NAME}.py").stat().st_size
    assert f"{size:,}  helpers/checks/{NAME}.py\n" in said
    assert {line.split()[-1] for line in said.splitlines()[: len(held)]} == held
    for name in PRIVATE[:3]:  # roster.csv lies where nothing is taken from
        assert f"left out, since git does not track it: {name}\n" in said
    assert f"helpers/checks/{NAME}.py holds the right answers in plain Python: students can read them.\n" in said


def test_all_labs_in_one_zip_without_their_solutions(tmp_path):
    chosen = labs.names(ROOT)
    labs.bundle(ROOT, chosen, tmp_path / "all.zip")
    assert {f"labs/{n}/{n}.ipynb" for n in chosen} | {f"helpers/checks/{n}.py" for n in chosen} <= files(
        tmp_path / "all.zip"
    )
    secrets = {
        line.strip()
        for name in chosen
        for cell in cells(labs.source(ROOT, name)).values()
        for line in labs.regions(cell.source)
        if ("checks.points" in line if cell.cell_type == "code" else len(line) > 30)
    }
    assert len(secrets) > 8
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        for file in archive.namelist():
            if file.endswith(".ipynb"):
                text = "\n".join("".join(c["source"]) for c in json.loads(archive.read(file))["cells"])
                assert not [secret for secret in secrets if secret in text], file


GIT_TROUBLE = {
    "damaged": "not a git repository",
    "somebody else's": "dubious ownership",
    "not installed": "'git'",
    "silent": "code 3",
}


@pytest.mark.parametrize("trouble", GIT_TROUBLE)
def test_no_zip_where_git_cannot_say_what_is_tracked(changed, tmp_path, trouble):
    environment = {}
    if trouble == "damaged":
        (changed / ".git/HEAD").unlink()
    elif trouble == "somebody else's":
        environment = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    else:
        (tmp_path / "bin").mkdir()
        environment = {"PATH": str(tmp_path / "bin")}
        if trouble == "silent":
            (tmp_path / "bin/git").write_text("#!/bin/sh\nexit 3\n")
            (tmp_path / "bin/git").chmod(0o755)
    said = course("labs", "bundle", NAME, "--out", tmp_path / "lab.zip", at=changed, check=False, **environment)
    assert said.returncode == 2 and said.stderr.count("\n") == 1
    assert "git cannot say" in said.stderr and GIT_TROUBLE[trouble] in said.stderr
    assert not (tmp_path / "lab.zip").exists()


def test_without_a_repository_only_what_belongs_to_the_package(changed, tmp_path):
    course("labs", "bundle", NAME, "--out", tmp_path / "tracked.zip", at=changed)
    shutil.rmtree(changed / ".git")
    (changed / "helpers/link.py").symlink_to(changed / "roster.csv")
    (changed / PRIVATE[2]).unlink()  # assets are package data
    course("labs", "bundle", NAME, "--out", tmp_path / "listed.zip", at=changed)
    assert files(tmp_path / "listed.zip") == files(tmp_path / "tracked.zip")


def test_a_lab_that_needs_what_is_left_out_is_not_handed_out(changed, tmp_path):
    (changed / "helpers/vectors.py").write_text("SIZE = 3\n")
    path = changed / f"helpers/checks/{NAME}.py"
    path.write_text(
        path.read_text().replace("import numpy as np", "import numpy as np\n\nfrom helpers import vectors", 1)
    )
    said = course("labs", "bundle", NAME, "--out", tmp_path / "lab.zip", at=changed, check=False)
    assert said.returncode == 2 and "cannot import name 'vectors'" in said.stderr and "git add" in said.stderr
    assert not (tmp_path / "lab.zip").exists()
    git(changed, "add", "helpers/vectors.py")
    course("labs", "bundle", NAME, "--out", tmp_path / "lab.zip", at=changed)


def environment_in(folder: Path) -> Path:
    """`.venv` as `make lab` would have made it, with the packages of this environment: two gigabytes less."""
    place = folder / ".venv"
    venv.EnvBuilder(symlinks=True).create(place)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)}))
    (packages / "these.pth").write_text(f"{folder}\n{sysconfig.get_path('purelib')}\n")
    for name, module in (("jupyter", "jupyter_core.command"), ("jupyter-lab", "jupyterlab.labapp")):
        script = place / "bin" / name
        script.write_text(f"#!{place}/bin/python\nimport sys\nfrom {module} import main\nsys.exit(main())\n")
        script.chmod(0o755)
    (place / ".lab").touch()
    return place


@contextmanager
def make_lab(folder: Path, settings: Path):
    """`make lab` as it stands, without a window: the address of what it serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.mkdir()
    served = {"open_browser": False, "port": port, "port_retries": 0, "allow_root": True}
    (settings / "jupyter_server_config.json").write_text(
        json.dumps(
            {"ServerApp": {**served, "ip": "127.0.0.1", "default_url": "/lab"}, "IdentityProvider": {"token": ""}}
        )
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTHONPATH", "COURSE"))} | {
        "JUPYTER_CONFIG_DIR": str(settings),
        "JUPYTER_RUNTIME_DIR": str(settings),
        "BROWSER": "true",
    }
    log = settings / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            ["make", "lab"], cwd=folder, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        address, end = f"http://127.0.0.1:{port}", time.monotonic() + 120
        while True:
            assert server.poll() is None and time.monotonic() < end, log.read_text()
            try:
                urllib.request.urlopen(f"{address}/api", timeout=10).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        yield address
    finally:
        if server.poll() is None:
            os.killpg(server.pid, 15)
        server.wait(30)


def test_the_zip_starts_where_a_student_unpacks_it(checkout, tmp_path):
    """Unpack, `make lab`, and the notebook of the lab is there; its checks and all else come from the zip."""
    course("labs", "bundle", NAME, "--out", tmp_path / "lab.zip", at=checkout)
    folder = unpack(tmp_path / "lab.zip", tmp_path / "student")
    place = environment_in(folder)
    with make_lab(folder, tmp_path / "settings") as address:
        content = json.load(urllib.request.urlopen(f"{address}/api/contents/{NAME}.ipynb", timeout=60))
        assert content["content"]["metadata"]["lab"] == NAME
    program = (
        "import nbformat, nbclient, helpers\n"
        f"notebook = nbformat.read('labs/{NAME}/{NAME}.ipynb', as_version=4)\n"
        "notebook.cells = [c for c in notebook.cells if c.id in ('setup', 'start', 'mean', 'mean-test', 'progress')]\n"
        "nbclient.NotebookClient(notebook, kernel_name='python3', timeout=120).execute()\n"
        "print(helpers.__file__)\n"
        "print([o for c in notebook.cells[3:] for o in c.outputs])\n"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", checks.OWN_LABS)}
    ran = subprocess.run(
        [place / "bin/python", "-c", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    where, outputs = ran.stdout.splitlines()
    assert Path(where) == folder / "helpers/__init__.py"
    assert "Not written yet" in outputs


def planned(folder, *arguments):
    """What make would run there; its own words within another make, in which these tests may run, left out."""
    command = ["make", "--dry-run", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_readme_of_the_zip_names_each_lab_and_what_make_opens(checkout, tmp_path):
    course("labs", "bundle", "lab02", NAME, "--out", tmp_path / "labs.zip", at=checkout)
    folder = unpack(tmp_path / "labs.zip", tmp_path / "student")
    readme = (folder / "README.md").read_text("utf-8")
    (folder / ".venv").mkdir()
    (folder / ".venv/.lab").touch()
    for name, options in (("lab02_attention", []), (NAME, [f"OPEN=labs/{NAME}/{NAME}.ipynb"])):
        notebook = f"labs/{name}/{name}.ipynb"
        assert planned(folder, "lab", *options) == [f".venv/bin/jupyter lab {notebook}"]
        assert (folder / notebook).is_file()
        assert (f"make lab {options[0]}" if options else f"opens {notebook} in") in readme


def test_make_lab_opens_the_first_lesson_in_the_course():
    assert planned(ROOT, "lab")[-1] == ".venv/bin/jupyter lab notebooks/00_start_here.ipynb"
