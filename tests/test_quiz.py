"""Quizzes: the three forms of the output, what an answer records. (What authors write: course/test_quizzes.py.)"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from markup import Tags

from helpers import progress, quiz, show

ROOT = Path(__file__).resolve().parents[1]
SMALL = Path(__file__).with_name("quiz.toml")
COLAB_PYTHON = ROOT / ".venv-colab" / "bin" / "python"


# --- reading them ---------------------------------------------------------------------------------------


def test_an_unknown_lesson_names_those_there_are():
    with pytest.raises(FileNotFoundError, match=r"no quiz '99'.*04"):
        quiz.before("99")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("[question.before]", "[question.before", "TOMLDecodeError"),
        ("[[question]]", "[[questions]]", "'question'"),
        ('about = "logits are probabilities"\n', "", "missing .* 'about'"),
        ("why =", "because =", "because"),
        ("option = [", "options = [", "'option'"),
    ],
)
def test_a_file_of_ones_own_that_is_not_a_quiz_is_one_clear_error(old, new, what, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(SMALL.read_text("utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"^own\.toml is not a quiz \(.*{what}.*Write it like .*04\.toml") as raised:
        quiz.load(path)
    assert "\n" not in str(raised.value) and str(tmp_path) not in str(raised.value)


# --- the three forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`a < b` & c", "<code>a &lt; b</code> &amp; c"),
        ("*one* and **two**, 2 * 3 * 4, a*b*c", "<em>one</em> and <strong>two</strong>, 2 * 3 * 4, a*b*c"),
        ("**`eval()`** or `*args`", "<strong><code>eval()</code></strong> or <code>*args</code>"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
    ],
)
def test_inline_marks(text, html):
    assert show.inline(text) == html


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_static_quiz_has_everything_and_no_script(when):
    asked = quiz.load(SMALL)
    html, text = quiz.static(asked, when).html, repr(quiz.static(asked, when))
    tags = Tags(html)
    assert tags.open == []
    assert set(tags.seen) <= {"div", "p", "br", "strong", "em", "code", "ol", "li", "details", "summary"}
    assert tags.seen.count("details") == 3
    for question in asked.questions:
        side = getattr(question, when)
        for said in (side.ask, *(x for option in side.options for x in (option.text, option.why))):
            assert show.inline(said) in html
            assert said in text
        for option in side.options:
            assert f"<li><strong>{'✓ Right' if option.right else '✗ Wrong'}:</strong> {show.inline(option.why)}" in html
    assert question.about not in html + text
    assert html == quiz.static(quiz.load(SMALL), when).html


def shown(monkeypatch, lesson=SMALL, when="before", kernel=True):
    """What `quiz.before` displays in a notebook (`kernel`) or outside one."""
    import IPython

    seen = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=1) if kernel else None)
    monkeypatch.setattr("IPython.display.display", seen.append)
    getattr(quiz, when)(lesson)
    (one,) = seen
    return one


def test_the_live_view_carries_the_static_forms(monkeypatch):
    first, second = shown(monkeypatch), shown(monkeypatch)
    (data, _), (again, _) = first._repr_mimebundle_(), second._repr_mimebundle_()
    assert set(data) == {show.LIVE_VIEW, "text/html", "text/plain"}
    assert data[show.LIVE_VIEW]["model_id"] != again[show.LIVE_VIEW]["model_id"]
    static = quiz.static(quiz.load(SMALL), "before")
    assert (data["text/html"], data["text/plain"]) == (static.html, static.text)
    assert repr(first) == repr(second) == data["text/plain"] == again["text/plain"]
    assert type(first)._ipython_display_ is None
    json.dumps(first.data)
    assert "about" not in json.dumps(first.data) and "copies of each other" not in json.dumps(first.data)


def test_without_a_kernel_or_anywidget_the_static_quiz_is_all(monkeypatch, capsys):
    assert isinstance(shown(monkeypatch, kernel=False), show.Static)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    show.live_view.cache_clear()
    try:
        assert isinstance(shown(monkeypatch), show.Static)
    finally:
        show.live_view.cache_clear()
    assert capsys.readouterr() == ("", "")


def test_importing_is_light():
    heavy = ("torch", "transformers", "anywidget", "ipywidgets", "IPython", "numpy", "rich")
    program = f"import sys, helpers.quiz; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


BUNDLE = """
import sys
from types import SimpleNamespace
import IPython, IPython.display, ipywidgets
IPython.get_ipython = lambda: SimpleNamespace(kernel=1)
kept = []
IPython.display.display = kept.append
from helpers import quiz
quiz.before(sys.argv[1])
(view,) = kept
from IPython.core.interactiveshell import InteractiveShell
data, _ = InteractiveShell.instance().display_formatter.format(view)
view.state = {"heads-are-copies": [1]}
print(ipywidgets.__version__, sorted(data), data["text/plain"] == repr(view), repr(view)[:16])
"""


@pytest.mark.skipif(not COLAB_PYTHON.is_file(), reason="no .venv-colab here: make colab makes it")
def test_all_three_forms_with_colabs_ipywidgets():
    """ipywidgets 7.7.1 drops the static forms of a widget that does not take its `_ipython_display_` away."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [COLAB_PYTHON, "-c", BUNDLE, SMALL]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"7.7.1 {sorted([show.LIVE_VIEW, 'text/html', 'text/plain'])} True Before you start"


# --- answers ------------------------------------------------------------------------------------------


@pytest.fixture
def record(tmp_path, monkeypatch):
    path = tmp_path / "mine.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    return path


def facts(*fields):
    return [tuple(event.get(field) for field in fields) for event in progress.read()]


def test_answers_are_recorded_as_they_come(monkeypatch, record):
    view = shown(monkeypatch)
    assert not record.exists()  # displayed, but nobody looks: papermill and nbval end here
    view.live = True
    view.state = {"heads-are-copies": [0]}
    view.state = {"heads-are-copies": [0, 1], "logits-probabilities": [0]}
    view.state = {"heads-are-copies": [0, 1], "logits-probabilities": [0]}
    assert facts("event", "lesson", "question", "when", "option", "right", "try") == [
        ("opened", "quiz", None, None, None, None, None),
        ("answer", "quiz", "heads-are-copies", "before", 0, False, 1),
        ("answer", "quiz", "heads-are-copies", "before", 1, True, 2),
        ("answer", "quiz", "logits-probabilities", "before", 0, True, 1),
    ]
    again = shown(monkeypatch)  # the notebook is run again
    again.state = {"heads-are-copies": [1]}
    assert facts("question", "right", "try")[-1] == ("heads-are-copies", True, 3)
    last = shown(monkeypatch, when="after")
    last.live = True
    last.state = {"heads-are-copies": [0]}
    assert facts("event", "when", "right", "try")[-2:] == [("executed", None, None, None), ("answer", "after", True, 1)]
    assert view.note == ""


def test_a_file_that_cannot_be_written_is_one_line_in_the_view(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    view = shown(monkeypatch)
    view.live = True
    view.state = {"heads-are-copies": [0]}
    assert view.note.startswith("progress.jsonl cannot be written here (")
    assert "\n" not in view.note and str(tmp_path) not in view.note
    assert capsys.readouterr() == ("", "")


def test_an_error_in_a_callback_shows_in_the_view(monkeypatch, record):
    view = shown(monkeypatch)
    view.state = {"heads-are-copies": 3}
    assert view.note.startswith("TypeError: ")


def test_the_view_says_where_answers_go(monkeypatch, record):
    assert "mine.jsonl" in shown(monkeypatch).data["kept"]
    monkeypatch.setenv("COURSE_PROGRESS", "")
    assert shown(monkeypatch).data["kept"] == "Recording is off, so your answers are not kept."


def test_a_notebook_of_ones_own_may_bring_a_file(monkeypatch, tmp_path):
    shutil.copy(SMALL, tmp_path / "own.toml")
    monkeypatch.chdir(tmp_path)
    assert quiz.load("own.toml").lesson == quiz.load(Path("own.toml")).lesson == "own"
    assert "12 heads" in shown(monkeypatch, "own.toml").data["questions"][0]["ask"]
