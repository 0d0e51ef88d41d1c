"""A quiz in JupyterLab, as a reader meets it: by mouse, by keyboard alone, in both themes; and what is recorded."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import nbformat
import pytest

from helpers import quiz

TOML = Path(__file__).resolve().parents[1] / "quiz.toml"
CELLS = {
    "start": "from helpers import quiz",
    "quiz-before": 'quiz.before("mine.toml")',
    "lesson": 'lesson = "in between"\nlesson',
    "quiz-after": 'quiz.after("mine.toml")',
}


@pytest.fixture
def lesson(lab, request):
    """A notebook of the test's own and its questions, in JupyterLab's folder; nothing recorded yet."""
    shutil.copy(TOML, lab.notebooks / "mine.toml")
    lab.progress.unlink(missing_ok=True)
    return lab.notebook(request.node.name, CELLS)


def recorded(lab, count: int, *fields: str) -> list[tuple]:
    """The first `count` events, as soon as they are there: `fields` of each, or all but the time."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        text = lab.progress.read_text(encoding="utf-8") if lab.progress.is_file() else ""
        lines = [line for line in text.splitlines() if line]
        if len(lines) >= count:
            break
        time.sleep(0.1)
    events = [json.loads(line) for line in lines]
    return [tuple(event.get(field) for field in fields) for event in events]


def quizzes(page):
    """The two live views, before and after."""
    views = page.page.locator("section.course-quiz")
    views.nth(1).wait_for()
    return views.nth(0), views.nth(1)


def test_by_mouse_wrong_then_right(page, lab, lesson):
    page.open(lesson.name)
    before, after = quizzes(page)
    page.picture("quiz-light-untouched", before)
    first = before.locator("form").nth(0)
    assert first.get_by_role("group", name="A layer has 12 heads").count() == 1  # the fieldset's name is its legend
    assert first.get_by_role("radio").count() == 3
    assert first.locator("legend strong").inner_text() == "share"
    assert first.locator(".why:visible").count() == 0

    first.get_by_role("button", name="Check").click()
    assert first.get_by_role("status").inner_text().strip() == "Choose an answer first."
    first.get_by_text("Their weights: they are copies").click()
    first.get_by_role("button", name="Check").click()
    assert first.locator(".why:visible").all_inner_texts() == ["Each head has its own part of W_q."]
    assert first.locator(".why em").inner_text() == "its own"
    assert "✗ Not this one: try again." in first.get_by_role("status").inner_text()
    assert "Each head has its own part of W_q." in first.get_by_role("status").text_content()  # is read aloud
    first.get_by_text("Their input").click()
    first.get_by_role("button", name="Check").click()
    assert first.locator(".why:visible").count() == 2  # what was wrong with the first stays to be read
    assert "✓ Right at try 2." in first.get_by_role("status").inner_text()

    second, third = before.locator("form").nth(1), before.locator("form").nth(2)
    assert second.get_by_role("radio", name="Yes, if 0.9 < 1").count() == 1
    for form, text in ((second, "Not from this alone"), (third, "Logits")):
        form.get_by_text(text).click()
        form.get_by_role("button", name="Check").click()
    assert before.locator(".sum").inner_text() == "2 of 3 right at the first try."
    page.page.wait_for_timeout(300)  # the last explanation has faded in
    page.picture("quiz-light-answered", before)
    page.theme("JupyterLab Dark")
    page.picture("quiz-dark-answered", before)
    page.picture("quiz-dark-after", after)
    page.picture("quiz-dark-page")

    answers = [
        ("answer", "heads-are-copies", "before", 0, False, 1),
        ("answer", "heads-are-copies", "before", 1, True, 2),
        ("answer", "weights-explain", "before", 2, True, 1),
        ("answer", "logits-probabilities", "before", 0, True, 1),
    ]
    events = recorded(lab, 6, "event", "question", "when", "option", "right", "try")
    assert [event for event in events if event[0] == "answer"] == answers
    assert sorted(event[0] for event in events if event[0] != "answer") == ["executed", "opened"]
    assert page.hosts == {lab.url.removeprefix("http://")}
    assert page.errors == []


def test_a_page_loaded_anew_shows_what_was_answered(page, lab, lesson):
    page.open(lesson.name)
    first = quizzes(page)[0].locator("form").nth(0)
    first.get_by_text("Their input").click()
    first.get_by_role("button", name="Check").click()
    assert len(recorded(lab, 3, "event")) == 3
    page.reload()
    first = quizzes(page)[0].locator("form").nth(0)
    assert "✓ Right at the first try." in first.get_by_role("status").inner_text()
    assert first.get_by_role("radio", name="Their input").is_checked()
    first.get_by_text("Nothing: each head").click()
    first.get_by_role("button", name="Check").click()
    events = recorded(lab, 4, "event", "right", "try")
    assert sorted(events[:3], key=str) == [("answer", True, 1), ("executed", None, None), ("opened", None, None)]
    assert events[3:] == [("answer", False, 2)]


def test_by_keyboard_alone(page, lab, lesson):
    page.open(lesson.name)
    quizzes(page)
    page.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1 }")
    page.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.mode = 'command' }")
    focused = "() => document.activeElement.closest('.course-quiz form')?.dataset.question ?? null"
    for _ in range(20):
        if page.page.evaluate(focused):
            break
        page.page.keyboard.press("Tab")
    assert page.page.evaluate(focused) == "heads-are-copies"
    assert page.page.evaluate("() => document.activeElement.matches('input:focus-visible')")
    before = quizzes(page)[0]
    start = page.cells()
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("ArrowDown")  # from the first radio button to the third
    page.page.keyboard.press("Enter")
    assert before.locator(".why:visible").all_inner_texts() == ["Every head sees every token."]
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Space")  # on the button
    assert "✓ Right at try 2." in before.locator("form").nth(0).get_by_role("status").inner_text()
    page.picture("quiz-keyboard")
    for key in ("d", "d", "a", "x", "j"):  # in a cell's command mode these cut cells and move about
        page.page.keyboard.press(key)
    assert page.cells() == start
    page.page.keyboard.press("Tab")
    assert page.page.evaluate(focused) == "weights-explain"
    answers = [event for event in recorded(lab, 4, "event", "option", "right", "try") if event[0] == "answer"]
    assert answers == [("answer", 2, False, 1), ("answer", 1, True, 2)]


def test_without_a_run_the_static_quiz_is_there(page, lab, lesson):
    """Stored outputs, as `course run --update` leaves them, in a notebook that JupyterLab does not trust."""
    notebook = nbformat.read(lesson, as_version=4)
    bundle = quiz.static(quiz.load(TOML), "before")._repr_mimebundle_()
    notebook.cells[1].outputs = [nbformat.v4.new_output("display_data", bundle)]
    nbformat.write(notebook, lesson)
    page.open(lesson.name, run=False)
    output = page.page.locator(".jp-OutputArea-output")
    assert output.get_by_text("Their input: each reads the same vectors").is_visible()
    why = output.get_by_text("Same input, other matrices.")
    assert not why.is_visible()
    output.locator("summary").first.click()
    assert why.is_visible()
    page.picture("quiz-static", output)
    assert recorded(lab, 0, "event") == []


def test_at_twice_the_size_nothing_is_cut_off(page, lesson):
    page.page.set_viewport_size({"width": 550, "height": 800})  # 1100 pixels at 200 %
    page.open(lesson.name)
    before = quizzes(page)[0]
    before.get_by_text("Their weights").click()
    before.get_by_role("button", name="Check").first.click()
    wide = before.evaluate(
        "quiz => [...quiz.querySelectorAll('form, label, .why, legend')].filter("
        "node => node.scrollWidth > node.clientWidth + 1).length"
    )
    assert wide == 0
    page.picture("quiz-narrow", before)
