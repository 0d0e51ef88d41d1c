"""The record of what a reader did: where it goes, and that no line is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import progress

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def record(tmp_path, monkeypatch):
    path = tmp_path / "progress.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    return path


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """An empty clone of the course, its notebooks' folder the current one."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "transformers-by-hand"\n', encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path


# --- where it goes ------------------------------------------------------------------------------------


def test_it_goes_to_the_clone_else_to_the_current_folder(clone, monkeypatch, tmp_path_factory):
    assert progress.place() == clone / "progress.jsonl"
    monkeypatch.setattr(os, "access", lambda path, how: Path(path) != clone)  # root may write anywhere
    assert progress.place() == clone / "notebooks" / "progress.jsonl"
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


def test_git_ignores_it():
    for name in ("progress.jsonl", "progress-20261124T100000.jsonl"):
        done = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False)
        if done.returncode == 128:
            pytest.skip("this copy is no git work tree")
        assert done.returncode == 0, name


def test_tests_and_runs_record_nothing():
    """The reader's file is not touched by this test run (tests/conftest.py), nor by `course run` (tests/course)."""
    assert progress.place() is None


# --- no line is lost ----------------------------------------------------------------------------------


def test_two_notebooks_at_once_lose_nothing(record):
    program = "import sys\nfrom helpers import progress\nfor i in range(300):\n"
    program += "    assert progress.record('answer', lesson=sys.argv[1], option=i, question='x' * 200) is None"
    running = [subprocess.Popen([sys.executable, "-c", program, name], cwd=ROOT) for name in ("a", "b")]
    assert [process.wait(60) for process in running] == [0, 0]
    events = progress.read()
    assert len([line for line in record.read_bytes().splitlines() if line]) == len(events) == 600
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
