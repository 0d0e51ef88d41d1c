"""The record of what a reader did: where it goes, that no line is lost, what `course progress` makes of it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from course import cli
from helpers import progress, quiz

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def record(tmp_path, monkeypatch):
    path = tmp_path / "progress.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    return path


@pytest.fixture
def two_lessons(tmp_path, monkeypatch):
    """A clone with lessons 01 (without questions) and 02 (with two of three options right), and nothing recorded."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "transformers-by-hand"\n', encoding="utf-8")
    (tmp_path / "notebooks" / "further").mkdir(parents=True)
    for name, title in (("01_first", "# 01 · First\n\nText"), ("02_second", "# 02 · Second"), ("odd", "# Odd")):
        cell = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": title.splitlines(keepends=True)}
        content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "02.toml").write_bytes((ROOT / "tests" / "quiz.toml").read_bytes())
    monkeypatch.setattr(quiz, "QUIZZES", tmp_path / "quizzes")
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path


def course(*arguments):
    return CliRunner().invoke(cli.app, ["progress", *arguments], env={"COLUMNS": "100"}, catch_exceptions=False)


def table():
    console = Console(file=io.StringIO(), width=100)
    progress.show(console)
    return console.file.getvalue()


# --- where it goes ------------------------------------------------------------------------------------


def test_it_goes_to_the_clone_else_to_the_current_folder(two_lessons, monkeypatch, tmp_path_factory):
    assert progress.place() == two_lessons / "progress.jsonl"
    monkeypatch.setattr(os, "access", lambda path, how: Path(path) != two_lessons)  # root may write anywhere
    assert progress.place() == two_lessons / "notebooks" / "progress.jsonl"
    monkeypatch.undo()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("COURSE_PROGRESS")
    assert progress.place() == ROOT / "progress.jsonl"  # an editable install is in its clone
    monkeypatch.setattr(progress, "__file__", str(elsewhere / "site-packages" / "helpers" / "progress.py"))
    assert progress.place() == elsewhere / "progress.jsonl"


def test_a_variable_names_another_file_or_none(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "new" / "p.jsonl"))
    assert progress.record("opened", lesson="04") is None
    assert [e["lesson"] for e in progress.read()] == ["04"]
    monkeypatch.setenv("COURSE_PROGRESS", "")
    monkeypatch.chdir(tmp_path)
    assert progress.place() is None
    assert progress.record("opened", lesson="04") is None
    progress.check_passed("lab02_attention", "causal-mask")
    assert progress.read() == []
    assert [p.name for p in tmp_path.rglob("*")] == ["new", "p.jsonl"]
    assert "Recording is off" in course().output


def test_git_ignores_it():
    for name in ("progress.jsonl", "progress-20261124T100000.jsonl"):
        done = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False)
        if done.returncode == 128:
            pytest.skip("this copy is no git work tree")
        assert done.returncode == 0, name


def test_tests_and_runs_record_nothing():
    """The reader's file is not touched by this test run (tests/conftest.py), nor by `course run` (below)."""
    assert progress.place() is None


def test_course_run_records_nothing(two_lessons, monkeypatch, record):
    import nbformat

    from course.run import run_notebooks

    monkeypatch.setenv("COURSE_PROGRESS", str(record))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    source = "from helpers import progress, quiz\nquiz.before('02')\nprogress.check_passed('lab01', 'merge')\n"
    source += "print(progress.place())"
    made.cells = [nbformat.v4.new_code_cell(source, id="quiz-before")]
    path = two_lessons / "notebooks" / "03_run.ipynb"
    nbformat.write(made, path)
    assert run_notebooks(["03"], update=True, out=two_lessons / "build", console=Console(file=io.StringIO())) == 0
    assert not record.exists()
    assert os.environ["COURSE_PROGRESS"] == str(record)
    first = path.read_text("utf-8")
    outputs = json.loads(first)["cells"][0]["outputs"]
    assert [sorted(output.get("data", [])) for output in outputs] == [["text/html", "text/plain"], []]
    assert "widget" not in first
    assert "widget" not in (two_lessons / "build" / "notebooks" / "03_run.ipynb").read_text("utf-8")
    page = (two_lessons / "build" / "html" / "03_run.html").read_text("utf-8")
    assert "<details>" in page and "application/vnd.jupyter.widget" not in page
    assert run_notebooks(["03"], update=True, out=two_lessons / "build", console=Console(file=io.StringIO())) == 0
    assert path.read_text("utf-8") == first


# --- no line is lost ----------------------------------------------------------------------------------


def test_two_notebooks_at_once_lose_nothing(record):
    program = "import sys\nfrom helpers import progress\nfor i in range(300):\n"
    program += "    assert progress.record('answer', lesson=sys.argv[1], option=i, question='x' * 200) is None"
    running = [subprocess.Popen([sys.executable, "-c", program, name], cwd=ROOT) for name in ("a", "b")]
    assert [process.wait(60) for process in running] == [0, 0]
    events = progress.read()
    assert record.read_bytes().count(b"\n") == len(events) == 600
    for name in ("a", "b"):
        assert [e["option"] for e in events if e["lesson"] == name] == list(range(300))


def test_a_damaged_line_is_passed_over_and_the_next_is_whole(record):
    progress.record("opened", lesson="00")
    with record.open("ab") as file:
        file.write(b'{"event": "opened", "less')  # killed in the middle of a write
    assert [e["lesson"] for e in progress.read()] == ["00"]
    progress.record("opened", lesson="02")
    with record.open("ab") as file:
        file.write(b'\xff\xfe\n[1]\n"x"\n{"time": 1}\n\n{"event": 7}\n')
    progress.record("opened", lesson="04")
    assert [e["lesson"] for e in progress.read()] == ["00", "02", "04"]


def test_an_unwritable_place_is_one_quiet_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    progress._say_once.cache_clear()
    assert "cannot be written here" in progress.record("opened", lesson="04")
    for part in ("scores", "mask"):
        progress.check_passed("lab02_attention", part)
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1 and "your progress is not kept, all else works" in printed.out
    assert printed.err == "" and str(tmp_path) not in printed.out
    assert progress.read() == []

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "p.jsonl"))
    monkeypatch.setattr(os, "open", refuse)
    assert progress.record("opened", lesson="04").startswith("p.jsonl cannot be written here (Permission denied)")


def test_a_check_is_recorded(record):
    progress.check_passed("lab02_attention", "causal-mask")
    (event,) = progress.read()
    assert event.pop("time").endswith("+00:00")
    assert event == {"event": "check", "lab": "lab02_attention", "part": "causal-mask"}


# --- what is made of it -------------------------------------------------------------------------------


def answer(lesson, question, when, right):
    progress.answered(lesson, question, when, 0, right)


def test_the_first_answer_counts(two_lessons):
    answer("02", "a", "before", False)
    answer("02", "a", "before", True)
    answer("02", "b", "before", True)
    answer("02", "a", "after", True)
    assert [e["try"] for e in progress.read()] == [1, 2, 1, 1]
    first, second = progress.summary()["lessons"]
    assert (second["before"], second["after"]) == ({"right": 1, "answered": 2}, {"right": 1, "answered": 1})
    assert first["before"] == {"right": 0, "answered": 0}


def test_a_reader_without_a_file_sees_a_friendly_line(two_lessons):
    done = course()
    assert done.exit_code == 0
    assert "Nothing recorded yet" in done.output
    assert "Open notebooks/01_first.ipynb" in done.output
    assert not (two_lessons / "progress.jsonl").exists()
    assert "Nothing is recorded yet" in course("--reset").output


def test_the_table_says_what_was_done_and_what_is_next(two_lessons):
    progress.record("opened", lesson="02")
    shown = table()
    assert "01 · First" in shown and "opened" in shown
    assert "Go on with: notebooks/02_second.ipynb" in shown
    progress.record("opened", lesson="01")
    assert "Go on with: notebooks/01_first.ipynb" in table()
    progress.record("executed", lesson="01")
    answer("02", "a", "before", False)
    answer("02", "b", "before", True)
    answer("02", "a", "after", True)
    for part in ("merge", "merge", "encode"):
        progress.check_passed("lab01_tokenization", part)
    progress.record("opened", lesson="99")  # a lesson of a later version
    shown = table()
    assert "1/3 → 1/3" in shown and "1 of 2 lessons executed" in shown and "━" in shown
    assert next(line.split() for line in shown.splitlines() if "lab01" in line) == ["lab01_tokenization", "2"]
    assert "Go on with: notebooks/02_second.ipynb" in shown
    progress.record("executed", lesson="02")
    assert "You have executed every lesson" in table()


def test_json_holds_the_same(two_lessons):
    progress.record("executed", lesson="01")
    facts = json.loads(course("--json").output)
    assert facts["file"] == str(two_lessons / "progress.jsonl")
    assert (facts["executed"], facts["next"], [row["lesson"] for row in facts["lessons"]]) == (1, "02", ["01", "02"])
    about = {"title": "02 · Second", "notebook": "notebooks/02_second.ipynb", "questions": 3}
    assert facts["lessons"][1].items() >= about.items()
    assert "Open next: notebooks/02_second.ipynb" in table()


def test_reset_moves_the_file_aside(two_lessons):
    for _ in range(2):  # twice within one second
        progress.record("opened", lesson="01")
        said = course("--reset").output
        assert "you begin anew" in said
    aside = sorted(two_lessons.glob("progress-*.jsonl"))
    assert len(aside) == 2 and all(str(path) in said or "opened" in path.read_text() for path in aside)
    assert progress.read() == []
    assert not (two_lessons / "progress.jsonl").exists()


def test_lessons_outside_a_clone_are_those_with_questions(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "clone", lambda: None)
    assert list(progress.lessons()) == sorted(p.stem for p in quiz.QUIZZES.glob("*.toml"))
    assert all(entry["notebook"] is None for entry in progress.lessons().values())


def test_hostile_events_do_not_break_the_table(two_lessons):
    lines = [
        {"event": "answer", "lesson": ["02"], "question": {}, "when": 3},
        {"event": "executed", "lesson": "01"},
        {"event": "executed", "lesson": "02", "time": "yesterday"},
        {"event": "check", "lab": 1, "part": None},
    ]
    (two_lessons / "progress.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "02 · Second" in table()
