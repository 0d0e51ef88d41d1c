"""A lab's way from `course labs new` to a student's JupyterLab, in the repository and outside it."""

from __future__ import annotations

import json
import os
import re
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
from functools import cache
from pathlib import Path

import nbformat
import pytest

from course import authoring, labs
from helpers import checks
from helpers.checks import load

ROOT = Path(__file__).resolve().parents[2]
NAME = "lab41_means"
FOLDER = f"solutions/{NAME}"
TOP = "transformers-by-hand"
PRIVATE = ("helpers/PRIVATE-exam.txt", "helpers/assets/labs/lab42_exam.json", "helpers/assets/marks.csv", "roster.csv")


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
    for folder in ("solutions", "labs"):
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
    return folder


def cells(path: Path):
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


# --- a new lab, a new part --------------------------------------------------------------------------


def test_a_new_lab_in_the_repository_is_ready_to_run(checkout):
    lab = labs.files(checkout, NAME)
    assert lab.folder == checkout / FOLDER and lab.data == checkout / f"helpers/assets/labs/{NAME}.json"
    written = ("checks.py", "mistakes.toml", *(f"answers/mean/{kind}/loop.py" for kind in ("right", "held_out")))
    made = (lab.source, lab.released, lab.handed_out, lab.data, *(lab.folder / file for file in written))
    assert all(path.is_file() for path in made)
    assert "[OK]" in course("labs", "check", "--no-run", "lab41", at=checkout).stdout
    for there in (NAME, "My Lab"):
        said = course("labs", "new", there, at=checkout, check=False)
        assert said.returncode == 2 and said.stderr.count("\n") == 1
    for cell in cells(lab.released).values():
        if cell.cell_type == "code" and cell.id != "setup":
            compile(cell.source, cell.id, "exec")


def test_a_part_has_cells_checks_points_and_a_zoo(outside):
    labs.add_part(ROOT, NAME, "span")
    order = list(cells(outside / FOLDER / f"{NAME}.ipynb"))
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
    assert nbformat.read(outside / FOLDER / f"{NAME}.ipynb", as_version=4).metadata.points == {"core": 4, "stretch": 0}
    assert [(part.name, part.full) for part in load(NAME).parts] == [("mean", 2), ("span", 2)]
    assert labs.problems(ROOT, NAME) == []
    found, score = labs.run_problems(ROOT, NAME)
    assert found == [] and score.points == 4
    assert {answer.part for answer in authoring.Source(outside / FOLDER).answers} == {"mean", "span"}


@pytest.mark.parametrize(
    "taken", ["mean", "sum", "np", "class", "written", "progress", "Part", "check", "checks", "two words", "_mean"]
)
def test_a_part_has_a_name_that_is_free(outside, taken):
    before = (outside / FOLDER / "checks.py").read_text()
    with pytest.raises(ValueError, match="cannot be the name of a part"):
        labs.add_part(ROOT, NAME, taken)
    assert (outside / FOLDER / "checks.py").read_text() == before


def test_a_part_is_added_to_one_lab(outside):
    labs.new(ROOT, "lab41_more")
    with pytest.raises(ValueError, match="Which lab do you mean: lab41_means, lab41_more"):
        labs.add_part(ROOT, "lab41", "span")


@pytest.mark.parametrize(
    "end",
    [
        'LAB = Lab("lab41_means", "Means – ½", [mean])\n',
        'LAB = Lab(\n    "lab41_means",\n    "Means",\n    [mean],\n)\n',
    ],
)
def test_a_part_is_added_however_the_list_is_written(outside, end):
    path = outside / FOLDER / "checks.py"
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
    assert "mean" not in cells(tmp_path / "mine/solutions/lab43_vectors/lab43_vectors.ipynb")


def test_a_part_cannot_be_added_to_what_is_written_otherwise(outside):
    path = outside / FOLDER / "checks.py"
    path.write_text(path.read_text().replace("[mean])", "list([mean]))"))
    with pytest.raises(ValueError, match=r"checks\.py has no line LAB = Lab"):
        labs.add_part(ROOT, NAME, "span")


# --- check: what make test asks ---------------------------------------------------------------------


def fill(answers: Path) -> None:
    """The answers that the example of a part lacks."""
    for i in range(6):
        (answers / f"mean/wrong/sum{i}.py").write_text(
            f"# mistake: the sum\ndef mean(values):\n    return sum(values) + {i} * 0\n"
        )
    for i in range(2):
        (answers / f"mean/right/sum{i}.py").write_text(f"def mean(v):\n    return sum(v) / len(v) + {i} * 0\n")


def test_check_asks_for_the_answers_that_a_part_lacks(outside):
    answers = outside / FOLDER / "answers"
    assert labs.tried_problems(ROOT, NAME) == [
        f"{answers / 'mean'}: 2 wrong answers, it takes 8",
        f"{answers / 'mean'}: 1 right answer, it takes 3",
        f"{answers / 'mean'}: 2 named answers, it takes 8",
    ]
    assert labs.report_zoo(ROOT, [NAME]) == 1
    fill(answers)
    assert labs.tried_problems(ROOT, NAME) == []
    assert labs.report_zoo(ROOT, [NAME]) == 0


ANSWER_FAULTS = {
    "no wrong answer begins with '# mistake: not allowed'": (
        "wrong/library.py",
        "# mistake: the sum\ndef mean(v):\n    return sum(v)\n",
    ),
    "the part has no mistake called 'a typo'": (
        "held_out/typo.py",
        "# mistake: a typo\ndef mean(v):\n    return 0.0\n",
    ),
    "no held-out answer makes 'the sum'": ("held_out/loop.py", "# mistake: -\ndef mean(v):\n    return sum(v)\n"),
    "wrong, but the check accepts it": ("wrong/good.py", "# mistake: -\ndef mean(v):\n    return sum(v) / len(v)\n"),
    "right, but the check says wrong": ("right/bad.py", "def mean(v):\n    return 7.0\n"),
    "the check names 8 of 9 mistakes; it takes nine of ten": (
        "wrong/other.py",
        "# mistake: not allowed\ndef mean(v):\n    return 0.0\n",
    ),
}


@pytest.mark.parametrize("words", ANSWER_FAULTS)
def test_check_names_what_is_wrong_in_the_answers(outside, words):
    answers = outside / FOLDER / "answers"
    fill(answers)
    file, text = ANSWER_FAULTS[words]
    (answers / "mean" / file).write_text(text)
    assert any(words in problem and str(answers / "mean") in problem for problem in labs.tried_problems(ROOT, NAME))


SOLUTION = "return sum(values) / len(values)"
CHECKS_FAULTS = {
    "'values' has no case that is drawn at random": ("checks.py", "rng.normal(size=size).tolist()", "[1.0] * size"),
    "needs a sentence and at least two hints": ("mistakes.toml", '"How many values are there?", ', ""),
    "its right answer is not right for the seeds [0,": (f"{NAME}.ipynb", SOLUTION, "return np.random.rand()"),
}


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize("words", CHECKS_FAULTS)
def test_check_names_what_is_wrong_in_the_checks(outside, words):
    file, old, new = CHECKS_FAULTS[words]
    change(outside / FOLDER / file, old, new)
    source = authoring.Source(outside / FOLDER)
    assert any(words in problem for problem in labs.checks_problems(source, source.lab().part("mean")))


ENDLESS = "# mistake: the sum\ndef mean(values):\n    while True:\n        pass\n"
LINE_3 = "# mistake: the sum\ndef mean(values):\n    return sum(values\n"
OTHER = "# mistake: the sum\ndef average(values):\n    return sum(values)\n"
BUILD_FAULTS = {  # what the error says: (the file, what is replaced in it or None for a new file, the text)
    "endless.py took more than 1 s on the inputs of its part: does it ever end?": ("endless.py", None, ENDLESS),
    "sum.py: mistakes.toml has no mistake 'a sum' of mean.": ("sum.py", "the sum", "a sum"),
    "library.py: the first line of a wrong answer is '# mistake: ITS NAME' (or '-').": ("library.py", "# mis", "# Mis"),
    "broken.py: SyntaxError: '(' was never closed (broken.py, line 3)": ("broken.py", None, LINE_3),
    "other.py defines no mean.": ("other.py", None, OTHER),
    "judges.py has no function 'nearest', which mean names.": ("checks.py", "points={", 'judge="nearest", points={'),
    "judges.py has no function 'grows', which mean names.": ("mistakes.toml", "hints", 'sign = "grows"\nhints'),
    "judges.py, line 2: ModuleNotFoundError: No module named 'nonsense'": ("judges.py", None, "\nimport nonsense\n"),
    "mistakes.toml: Expected ']' at the end of a table declaration (at line 1, column": ("mistakes.toml", '"]', '"'),
    "mistakes.toml: lab41_means has no part median.": ("mistakes.toml", "[mean.", "[median."),
    'mistakes.toml: a mistake begins with a line [mean."ITS NAME"]': ("mistakes.toml", '[mean."the sum"]', "[mean]"),
    "mistakes.toml: mean, 'the sum': `says` and `hints`, not ['hints', 'tips'].": ("mistakes.toml", "hints", "tips"),
    "checks.py, line 9: NameError: name 'Parts' is not defined": ("checks.py", "mean = Part(", "mean = Parts("),
    "checks.py, line 22: AttributeError: 'list' object has no attribute 'list'": (
        "checks.py",
        "tolist()",
        "tolist().list()",
    ),
    "mean has no cases: write a function that yields some under @mean.cases.": ("checks.py", "@mean.cases", ""),
    "mean: the aspects of the cases are not those of the points": ("checks.py", 'points={"values"', 'points={"value"'),
    "checks.py has no line LAB = Lab": ("checks.py", "LAB =", "LABS ="),
    f"{NAME}.ipynb has no answer cell that defines mean.": (f"{NAME}.ipynb", "def mean(values)", "def median(values)"),
    f"{NAME}.ipynb, cell mean: SyntaxError": (f"{NAME}.ipynb", "def mean(values)", "def mean(values"),
    "the solution of mean fails on": (f"{NAME}.ipynb", SOLUTION, "return total / len(values)"),
}


@pytest.mark.parametrize("words", BUILD_FAULTS)
def test_build_says_in_one_line_what_is_wrong(outside, monkeypatch, words):
    monkeypatch.setattr(authoring, "SECONDS", 1)
    file, old, text = BUILD_FAULTS[words]
    answer = file.endswith(".py") and file not in ("checks.py", "judges.py")
    path = outside / FOLDER / ("answers/mean/wrong" if answer else "") / file
    path.write_text(text, "utf-8") if old is None else change(path, old, text)
    before = {made: made.read_bytes() for made in (labs.files(ROOT, NAME).released, labs.files(ROOT, NAME).data)}
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        labs.build(ROOT, [NAME])
    assert "\n" not in str(error.value)
    assert before == {made: made.read_bytes() for made in before}


def test_an_error_of_build_is_one_line_of_the_command_and_check_goes_on(outside):
    change(outside / FOLDER / "mistakes.toml", "hints", "tips")
    here = {"at": outside, "check": False, "COURSE_LABS": str(outside)}
    said = course("labs", "build", NAME, **here)
    assert said.returncode == 2 and said.stderr.count("\n") == 1 and "`says` and `hints`" in said.stderr
    said = course("labs", "check", "--no-run", NAME, **here)
    assert said.returncode == 1 and f"[FAIL] {NAME}" in said.stdout and "`says` and `hints`" in said.stdout


def test_check_runs_the_zoo_and_says_where_points_are_stated(outside):
    said = course("labs", "check", "lab41", at=outside, check=False, COURSE_LABS=str(outside))
    assert said.returncode == 1 and f"{outside / FOLDER / 'answers/mean'}: 2 wrong answers, it takes 8" in said.stdout
    source = outside / FOLDER / f"{NAME}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.metadata.points = {"core": 6}
    nbformat.write(notebook, source)
    labs.build(ROOT, [NAME])
    (problem,) = labs.problems(ROOT, NAME)
    assert "the core parts give 2 points, not 6" in problem and f"`points` in the metadata of {source}" in problem


def test_a_folder_of_answers_that_is_not_a_part_is_named(outside):
    (outside / FOLDER / "answers/mean").rename(outside / FOLDER / "answers/average")
    words = r"answers/average/held_out/loop\.py: .* are mean\. Rename the folder or delete"
    with pytest.raises(ValueError, match=words):
        labs.tried_problems(ROOT, NAME)


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
    course("grade", "lab41", "--inbox", "inbox", "--data", "class", "--workers", 1, *unsafe, **here, COURSE_SEED="5")
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
    (outside / "solutions/scratch").mkdir()
    (outside / "solutions/scratch/notes.ipynb").write_text("{}")  # not a lab: called otherwise than its folder
    assert labs.own() == [NAME]


def test_a_number_that_two_labs_have_is_not_enough_to_grade(outside):
    from course.grading.grader import Assignment

    assert Assignment.of("lab41").name == NAME
    labs.new(ROOT, "lab41_more", "middle")
    with pytest.raises(ValueError, match=f"Which lab do you mean: {NAME} or lab41_more"):
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
        f"helpers/assets/labs/{NAME}.ipynb",
        f"helpers/assets/labs/{NAME}.json",
        "pyproject.toml",
        "Makefile",
        "README.md",
        "helpers/quiz.js",
        "helpers/assets/minilm.txt",
    } <= held
    assert not held & set(PRIVATE)
    assert not [name for name in held if name.startswith(("solutions", "tests", ".")) or "lab02" in name]
    size = (checkout / f"helpers/assets/labs/{NAME}.json").stat().st_size
    assert f"{size:,}  helpers/assets/labs/{NAME}.json\n" in said
    assert {line.split()[-1] for line in said.splitlines()[: len(held)]} == held
    for name in PRIVATE[:3]:  # roster.csv lies where nothing is taken from
        assert f"left out because git does not track it: {name}\n" in said
    assert "no file contains a solution" in said


def test_all_labs_in_one_zip_without_their_solutions(zipped):
    kinds = ("helpers/assets/labs/{0}.json", "helpers/assets/labs/{0}.ipynb", "labs/{0}/{0}.ipynb")
    assert all((zipped / kind.format(name)).is_file() for kind in kinds for name in labs.names(ROOT))


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
    (changed / FOLDER / "judges.py").write_text("from helpers import vectors\n")
    course("labs", "build", NAME, at=changed)
    said = course("labs", "bundle", NAME, "--out", tmp_path / "lab.zip", at=changed, check=False)
    assert said.returncode == 2 and "cannot import name 'vectors'" in said.stderr and "git add" in said.stderr
    assert not (tmp_path / "lab.zip").exists()
    git(changed, "add", "helpers/vectors.py")
    course("labs", "bundle", NAME, "--out", tmp_path / "lab.zip", at=changed)


# --- what a student installs holds no answer ---------------------------------------------------------

TELLING = 35  # characters: shorter lines, such as `for word, count in words.items():`, are anybody's


@pytest.fixture(scope="session")
def zipped(tmp_path_factory):
    """The students' zip of all labs, unpacked."""
    place = tmp_path_factory.mktemp("zip")
    labs.bundle(ROOT, labs.names(ROOT), place / "all.zip")
    return unpack(place / "all.zip", place)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The package as pip installs it, from a copy with the solutions beside it; in the course's folder, pip would leave
    its own files."""
    place = tmp_path_factory.mktemp("wheel")
    package, _ = labs._package(ROOT)
    for path in [*package, *(ROOT / "solutions").rglob("*.*"), ROOT / "README.md"]:
        if path.is_file() and "__pycache__" not in path.parts:
            to = place / "source" / path.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
    shutil.copytree(ROOT / "notebooks/recorded", place / "source/notebooks/recorded")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(place), str(place / "source")], check=True, timeout=300)
    (built,) = place.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(place / "installed")
    return place / "installed"


@pytest.fixture(params=["zipped", "wheel"])
def installed(request):
    return request.getfixturevalue(request.param)


def strings(data):
    """Every string in JSON data: in its text, quotation marks and line ends would be written otherwise."""
    if isinstance(data, dict):
        data = [*data, *data.values()]
    return [data] if isinstance(data, str) else [s for d in data for s in strings(d)] if isinstance(data, list) else []


@cache
def text_of(path: Path) -> str:
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:  # weights
        return ""
    return "\n".join(strings(json.loads(text))) if path.suffix in (".json", ".ipynb") else text


@cache
def secrets() -> set[str]:
    """Lines of solutions, hidden tests, mark schemes and right answers that no lab, lesson or hint shows, and no gap of
    a lesson: its solutions are public."""
    sources = [authoring.source(labs.files(ROOT, name).folder) for name in labs.names(ROOT)]
    lines = {line for source in sources for c in cells(source.notebook).values() for line in labs.regions(c.source)}
    for source in sources:
        lines |= {line for a in source.answers if a.right for line in a.path.read_text("utf-8").splitlines()}
    parts = [part for source in sources for part in source.authored.parts]
    hints = [hint for part in parts for hint in (*part.hints, *(h for mistake in part.mistakes for h in mistake.hints))]
    notebooks = [text_of(p) for folder in ("labs", "notebooks") for p in (ROOT / folder).rglob("*.ipynb")]
    gaps = [text_of(labs.files(ROOT, name).data) for name in labs.lessons(ROOT)]
    shown = "\n".join([*hints, *notebooks, *gaps])
    telling = {line.strip() for line in lines if len(line.strip()) >= TELLING and line.strip() not in shown}
    return {line for line in telling if not re.match(r"(from [\w.]+ )?import ", line)}  # they tell nothing


def leaks(folder: Path) -> list[str]:
    """The files there that hold a line of a solution, or name a function that draws the inputs of cases."""
    drawn = {
        name
        for lab in labs.names(ROOT)
        for name in re.findall(r"\.cases\ndef (\w+)", (labs.files(ROOT, lab).folder / "checks.py").read_text("utf-8"))
    }
    assert len(secrets()) > 300 and "softmax_cases" in drawn
    example = {("course/authoring.py", "softmax_cases")}  # in its docstring: how a lab is written
    named = re.compile(rf"\b({'|'.join(sorted(drawn))})\b")
    rows = [(path.relative_to(folder).as_posix(), text_of(path)) for path in folder.rglob("*") if path.is_file()]
    rows += [(name, name) for name, _ in rows]
    words = {(file, word) for file, text in rows for word in named.findall(text)}
    words |= {(file, line) for file, text in rows for line in secrets() if line in text}
    return sorted(f"{file}: {word}" for file, word in words - example)


def test_no_solution_and_no_way_to_draw_cases_is_in_what_students_install(installed):
    assert len(list(installed.rglob("*.py"))) > 50 and len(list(installed.rglob("lab0*.json"))) == len(labs.names(ROOT))
    assert leaks(installed) == []


PLANTED = {
    "a solution in a quiz": ("helpers/assets/quizzes/04.toml", "# {line}\n"),
    "a solution in a lab's judges": ("helpers/assets/labs/lab02_attention.json", None),
    "a function that draws cases": ("helpers/checks/lab02_attention.py", "def softmax_cases(rng):\n    pass\n"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_leaks_is_named(tmp_path, what):
    file, text = PLANTED[what]
    line = max(secrets(), key=len)
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    if text is None:
        data = json.loads((ROOT / file).read_text("utf-8"))
        data["judges"] += f"\n    {line}\n"
        path.write_text(json.dumps(data, ensure_ascii=True), "utf-8")
    else:
        path.write_text(text.replace("{line}", line), "utf-8")
    assert leaks(tmp_path) == [f"{file}: {'softmax_cases' if 'cases' in what else line}"]


INSPECT = """
import importlib, os, pathlib, pkgutil, sys
import helpers, course
from course.grading import grader
from helpers.checks import load, parts

here, names = pathlib.Path.cwd(), sys.argv[1:]
walked = [m.name for house in (helpers, course) for m in pkgutil.walk_packages(house.__path__, house.__name__ + ".")]
for name in walked:
    if name.endswith("__main__"):
        continue
    module = importlib.import_module(name)
    assert here in pathlib.Path(module.__file__).parents, module.__file__
    for what, value in vars(module).items():
        if isinstance(value, (parts.Part, parts.Lab)) or hasattr(value, "draw_cases") and not isinstance(value, type):
            print(f"{name}.{what} is a part of a lab")
for name in names:
    for part in load(name).parts:
        kinds = sorted(part.questions)
        if type(part) is not parts.Part or hasattr(part, "draw_cases") or kinds != ["practice", "visible"]:
            print(f"{name}: {part.name} can draw cases, or has questions of the kinds {kinds}")
try:
    print("hidden inputs are drawn without being asked for a seed:", grader.hidden_seed())
except ValueError:
    pass
print(len(walked), "modules")
"""


def looked_into(folder: Path, *names: str) -> str:
    secret = ("COURSE_SEED", "COURSE_SEED_FILE", checks.OWN_LABS)
    environment = {k: v for k, v in os.environ.items() if k not in secret} | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", INSPECT, *names]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_module_that_students_install_can_draw_a_labs_cases(installed):
    """Every module imported, every lab loaded, with nothing else of the course on the path.

    The number grader.PUBLIC_SEED is public, as its name says, and used only where --public-seed asks for it.
    """
    line = looked_into(installed, *labs.names(ROOT)).strip()
    assert re.fullmatch(r"\d+ modules", line) and int(line.split()[0]) > 60, line
    seed = re.compile(r"\b20_?261_?124\b")
    places = [p.relative_to(installed).as_posix() for p in installed.rglob("*.py") if seed.search(text_of(p))]
    assert places == ["course/grading/grader.py"]


def test_a_module_that_can_draw_cases_is_named(zipped, tmp_path):
    folder = shutil.copytree(zipped, tmp_path / "changed")
    shutil.copy(ROOT / "solutions/lab02_attention/checks.py", folder / "helpers/checks/lab02.py")
    assert "helpers.checks.lab02.softmax is a part of a lab" in looked_into(folder, "lab02_attention")


# --- a student's computer ----------------------------------------------------------------------------


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
