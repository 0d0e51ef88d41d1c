"""`course progress`: what it makes of the record of what a reader did. (The record: tests/test_progress.py.)"""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from course import cli, standing
from helpers import progress, quiz

ROOT = Path(__file__).resolve().parents[2]


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
    standing.show(console)
    return console.file.getvalue()


def answer(lesson, question, when, right):
    progress.answered(lesson, question, when, 0, right)


def test_the_first_answer_counts(two_lessons):
    answer("02", "a", "before", False)
    answer("02", "a", "before", True)
    answer("02", "b", "before", True)
    answer("02", "a", "after", True)
    assert [e["try"] for e in progress.read()] == [1, 2, 1, 1]
    first, second = standing.summary()["lessons"]
    assert (second["before"], second["after"]) == ({"right": 1, "answered": 2}, {"right": 1, "answered": 1})
    assert first["before"] == {"right": 0, "answered": 0}


def test_a_reader_without_a_file_sees_a_friendly_line(two_lessons):
    done = course()
    assert done.exit_code == 0
    assert "Nothing has been recorded yet. Your progress" in done.output
    assert "Open notebooks/01_first.ipynb" in done.output
    assert not (two_lessons / "progress.jsonl").exists()
    assert "Nothing has been recorded yet" in course("--reset").output


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
    assert "1/3 → 1/3" in shown and "1 of 2 lessons run to the end" in shown and "━" in shown
    assert next(line.split() for line in shown.splitlines() if "lab01" in line) == ["lab01_tokenization", "2"]
    assert "Go on with: notebooks/02_second.ipynb" in shown
    progress.record("executed", lesson="02")
    assert "You have run every lesson" in table()


def test_the_gaps_of_a_lesson_stand_beside_it_and_not_among_the_labs(two_lessons):
    for lab, part in (
        ("lesson02", "merge"),
        ("lesson02", "merge"),
        ("lesson02", "count_pairs"),
        ("lab02_attention", "masks"),
    ):
        progress.check_passed(lab, part)
    facts = standing.summary()
    assert [row["gaps"] for row in facts["lessons"]] == [[], ["count_pairs", "merge"]]
    assert facts["labs"] == {"lab02_attention": ["masks"]}
    (line,) = [line for line in table().splitlines() if "02 · Second" in line]
    assert line.split()[-1] == "2"


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
        assert "you start over" in said
    aside = sorted(two_lessons.glob("progress-*.jsonl"))
    assert len(aside) == 2 and all(str(path) in said or "opened" in path.read_text() for path in aside)
    assert progress.read() == []
    assert not (two_lessons / "progress.jsonl").exists()


def test_lessons_outside_a_clone_are_those_with_questions(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "clone", lambda: None)
    assert list(standing.lessons()) == sorted(p.stem for p in quiz.QUIZZES.glob("*.toml"))
    assert all(entry["notebook"] is None for entry in standing.lessons().values())


def test_hostile_events_do_not_break_the_table(two_lessons):
    lines = [
        {"event": "answer", "lesson": ["02"], "question": {}, "when": 3},
        {"event": "executed", "lesson": "01"},
        {"event": "executed", "lesson": "02", "time": "yesterday"},
        {"event": "check", "lab": 1, "part": None},
    ]
    (two_lessons / "progress.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "02 · Second" in table()


def test_recording_can_be_off(monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "")
    assert "Recording is off" in course().output


def test_course_run_records_nothing(two_lessons, monkeypatch):
    import nbformat

    from course.run import run_notebooks

    record = two_lessons / "mine.jsonl"
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
