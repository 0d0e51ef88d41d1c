"""The command `course`: quick to answer, one line for a mistake, and each command calls what it should."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
import types
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course import cli, finetuning, pretraining

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = (
    "torch",
    "transformers",
    "datasets",
    "matplotlib",
    "papermill",
    "nbformat",
    "nbconvert",
    "numpy",
    "jupyter_client",
)


def course(*arguments):
    return CliRunner().invoke(cli.app, list(arguments))


def python(*arguments):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=REPOSITORY, timeout=60, check=False
    )


def test_importing_the_command_imports_nothing_heavy():
    program = f"import sys, course.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert python("-c", program).stdout.strip() == "[]"


def test_help_answers_at_once():
    def fastest(*arguments):
        seconds = []
        for _ in range(3):
            began = time.perf_counter()
            done = python(*arguments)
            seconds.append(time.perf_counter() - began)
            assert done.returncode == 0
        return min(seconds)

    typer_alone = fastest("-c", "import typer, rich.console, rich.panel, rich.table, rich.markdown")
    # Half a second on a quiet machine; on a busy one, not much more than typer itself takes.
    assert fastest("-m", "course.cli", "--help") < max(0.5, 2.5 * typer_alone)


def test_help_names_every_command():
    shown = course("--help").output
    commands = "run doctor kernels fetch lint pretrain finetune labs selfgrade colab progress"
    for command in commands.split():
        assert f" {command} " in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "99"], "There is no notebook '99'"),
        (["run", "--profile", "tpu"], "--profile is 'tpu'"),
        (["run", "--param", "x"], "NAME=VALUE"),
        (["run", "--kernel", "course-tpu"], "course kernels install"),
        (["lint", "gone.ipynb"], "no file or folder gone.ipynb"),
        (["colab", "badges", "--repo", "ada"], "OWNER/NAME"),
        (["pretrain", "gpt3", "--corpus", "x", "--out", "y"], "gpt2, bert or marian"),
        (
            ["pretrain", "gpt2", "--corpus", "x", "--out", "y", "--width", "10", "--heads", "3"],
            "--width 10 cannot be divided",
        ),
    ],
)
def test_a_mistake_is_one_line_without_traceback(arguments, message, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "transformers-by-hand"\n')
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_a.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    program = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from course.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def raised(error: BaseException, monkeypatch, capsys) -> str:
    """What `course` prints when a command raises `error`."""
    from helpers import checkpoints

    def fails(names):
        raise error

    monkeypatch.setattr(checkpoints, "fetch", fails)
    monkeypatch.setattr(sys, "argv", ["course", "fetch", "gpt2"])
    monkeypatch.delenv("COURSE_TRACEBACK", raising=False)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("EACCES", "Permission denied. You may not read or write it"),
        ("EROFS", "Read-only file system. That disk cannot be written to: choose a folder elsewhere."),
        ("ENOSPC", "No space left on device. The disk is full: free some space"),
        ("ENOTDIR", "Not a directory. A part of this path is a file"),
        ("EISDIR", "Is a directory. This is a folder"),
        ("ENOENT", "No such file or directory. Check the path"),
        ("EIO", "Input/output error. COURSE_TRACEBACK=1 shows where this happened."),
    ],
)
def test_what_the_system_refuses_is_one_line_with_the_file(code, words, monkeypatch, capsys):
    number = getattr(errno, code)
    said = raised(OSError(number, os.strerror(number), "/data/Größe.csv"), monkeypatch, capsys)
    assert said.startswith(f"Error: /data/Größe.csv: {words}") and said.count("\n") == 1
    assert raised(OSError(number, os.strerror(number)), monkeypatch, capsys).startswith(f"Error: {words}")


def test_an_error_of_our_own_is_not_the_readers(monkeypatch, capsys):
    """A UnicodeError is a ValueError, but nothing that the reader could change."""
    for error in (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), TypeError("ours")):
        with pytest.raises(type(error)):
            raised(error, monkeypatch, capsys)
    assert raised(OSError("the weights differ"), monkeypatch, capsys) == "Error: the weights differ\n"


def test_an_out_that_cannot_be_is_said_before_anything_runs(tmp_path, monkeypatch, capsys):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "transformers-by-hand"\n')
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_a.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    (tmp_path / "a.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("course.run.run_one", lambda *_, **__: pytest.fail("it ran"))
    monkeypatch.setattr(sys, "argv", ["course", "run", "01", "--out", "a.txt/build"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert f"{tmp_path}/a.txt" in said and "Not a directory" in said and said.count("\n") == 1


FINDINGS = [
    {"check": "Python", "status": "OK", "detail": "3.11.7", "advice": ""},
    {"check": "Hub", "status": "WARN", "detail": "did [not] answer", "advice": "Nothing to do."},
    {"check": "peft", "status": "FAIL", "detail": "not installed", "advice": 'pip install "peft>=0.17"'},
]


@pytest.fixture
def doctor_finds(monkeypatch):
    from helpers import doctor

    return lambda findings: monkeypatch.setattr(doctor, "examine", lambda: findings)


def test_doctor_prints_a_line_each_and_advice(doctor_finds):
    doctor_finds(FINDINGS)
    result = course("doctor")
    assert result.exit_code == 1
    assert [line.rstrip() for line in result.output.splitlines()] == [
        "[OK] Python 3.11.7",
        "[WARN] Hub did [not] answer",
        "       Nothing to do.",
        "[FAIL] peft not installed",
        '       pip install "peft>=0.17"',
    ]


def test_doctor_passes_with_warnings_and_speaks_json(doctor_finds):
    doctor_finds(FINDINGS[:2])
    result = course("doctor", "--json")
    assert result.exit_code == 0
    assert json.loads(result.output) == FINDINGS[:2]


def test_run_passes_everything_on(monkeypatch):
    import course.run as module

    calls = []
    monkeypatch.setattr(module, "run_notebooks", lambda names, **options: calls.append((names, options)) or 1)
    result = course(
        "run",
        "02",
        "04",
        "--profile",
        "offline",
        "--kernel",
        "course-cpu",
        "--param",
        "epochs=2",
        "--param",
        "x=a",
        "--out",
        "o",
        "--report",
        "r.json",
        "--beside",
        "b.json",
        "--update",
        "--strict",
    )
    assert result.exit_code == 1
    assert calls == [
        (
            ["02", "04"],
            {
                "profile": "offline",
                "kernel": "course-cpu",
                "params": {"epochs": 2, "x": "a"},
                "out": "o",
                "report": "r.json",
                "beside": "b.json",
                "update": True,
                "strict": True,
            },
        )
    ]


def test_pretrain_makes_a_recipe(monkeypatch):
    calls = []
    monkeypatch.setattr(pretraining, "pretrain", lambda *arguments, **options: calls.append((arguments, options)))
    result = course(
        "pretrain",
        "bert",
        "--corpus",
        "books",
        "--out",
        "run",
        "--width",
        "64",
        "--heads",
        "2",
        "--batch",
        "6",
        "--held-out",
        "a",
        "--held-out",
        "b",
        "--tokens",
        "1000",
        "--resume",
    )
    assert result.exit_code == 0, result.output
    ((corpus, out, recipe), options) = calls[0]
    assert (corpus, out, options) == (["books"], "run", {"resume": True})
    assert (recipe.architecture, recipe.width, recipe.heads, recipe.tokens) == ("bert", 64, 2, 1000)
    assert (recipe.batch, recipe.held_out) == (6, ("a", "b"))
    assert course("pretrain", "gpt2", "--corpus", "books", "--out", "run").exit_code == 0
    assert calls[1][0][2] == pretraining.RECIPES["gpt2"]
    assert recipe.context == pretraining.RECIPES["bert"].context != pretraining.RECIPES["gpt2"].context


@pytest.mark.parametrize("command", ["finetune", "pretrain"])
def test_every_field_of_a_recipe_is_an_option(command, monkeypatch):
    """What is typed for one comes back as a value of its type, and nothing else is changed."""
    module = {"finetune": finetuning, "pretrain": pretraining}[command]
    required = {"finetune": ["--data", "x"], "pretrain": ["gpt2", "--corpus", "x"]}[command]
    others = {
        "keep": "last",
        "precision": "float32",
        "held_out": ("a",),
        "often": ("a",),
        "heads": 8,
        "learning_rate": 0.5,
        "max_length": 9,
        "dropout": 0.5,
    }
    calls = []
    default = pretraining.RECIPES["gpt2"] if command == "pretrain" else module.Recipe()
    monkeypatch.setattr(module, command, lambda *arguments, **_: calls.append(arguments))
    for name in asdict(default).keys() - {"architecture"}:  # which is the argument
        value = others.get(name, 0.5 if isinstance(getattr(default, name), float) else 512)
        typed = value[0] if isinstance(value, tuple) else str(value)
        result = course(command, *required, "--out", "y", f"--{name.replace('_', '-')}", typed)
        assert result.exit_code == 0, result.output
        assert calls[-1][-1] == replace(default, **{name: value}), name


def test_help_states_where_defaults_differ():
    shown = " ".join(CliRunner().invoke(cli.app, ["pretrain", "--help"], env={"COLUMNS": "300"}).output.split())
    assert "[default: (512 for gpt2, 128 for bert, 128 for marian)]" in shown
    assert "[default: (256)]" in shown and "0.05 for bert" in shown


def test_fetch_passes_the_names_on(monkeypatch):
    calls = []
    import helpers

    fake = types.SimpleNamespace(fetch=calls.append)
    monkeypatch.setitem(sys.modules, "helpers.checkpoints", fake)
    monkeypatch.setattr(helpers, "checkpoints", fake, raising=False)
    assert course("fetch", "gpt2", "minilm").exit_code == 0
    assert calls == [["gpt2", "minilm"]]
