"""What authors write: the questions that ship are valid, and a faulty file says in one line what to change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course import quizzes
from helpers import quiz, show

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "quiz.toml"
SHIPPED = sorted(quiz.QUIZZES.glob("*.toml"))


def right(side: quiz.Asked) -> int:
    return [option.right for option in side.options].index(True)


# --- the questions that ship ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_questions_are_valid(path):
    quizzes.check(path)
    questions = quiz.load(path.stem).questions
    assert 3 <= len(questions) <= 5
    sides = [side for question in questions for side in (question.before, question.after)]
    longest = [max(side.options, key=lambda option: len(option.text)).right for side in sides]
    assert not all(longest), "the right option is always the longest: readers notice"
    for question in questions:
        assert right(question.before) != right(question.after), f"{question.id}: the right option keeps its place"
    for text in [t for side in sides for t in (side.ask, *(x for o in side.options for x in (o.text, o.why)))]:
        rest = re.sub(r"<code>.*?</code>", "", show.inline(text))
        assert "`" not in rest and "**" not in rest, f"an open mark in {text!r}"
        assert not re.search(r"(?<![\d\w ])\*(?!\s)|https?:|\$", rest), text


def test_every_lesson_with_a_number_has_questions():
    lessons = {p.name[:2] for p in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")}
    assert lessons <= {path.stem for path in SHIPPED}


# --- faulty files -------------------------------------------------------------------------------------

TEXT = SMALL.read_text("utf-8")
FIRST = 'option = [\n  { text = "Their weights: they are copies, so that one may fail", '
FAULTS = {
    "not TOML": ("[question.before]", "[question.before", "is not TOML"),
    "too few questions": (TEXT[TEXT.rindex("[[question]]") :], "", "2 questions"),
    "an unknown field": ("about =", "topic =", "no field 'topic'"),
    "a missing field": ('about = "logits are probabilities"\n', "", "'logits-probabilities': about is missing"),
    "a wrong type": ('about = "logits are probabilities"', "about = 3", "about must be a text in quotes, not 3"),
    "an empty text": (
        'why = "Any real numbers."',
        'why = " "',
        "'logits-probabilities', before, option 1: why is empty",
    ),
    "an id that is no slug": (
        'id = "weights-explain"',
        'id = "Weights explain"',
        "'Weights explain': the id is not a slug",
    ),
    "an id twice": ('id = "weights-explain"', 'id = "heads-are-copies"', "an earlier question has this id"),
    "no right option": ('text = "Logits", right = true', 'text = "Logits"', "0 options are right; mark exactly one"),
    "two right options": (
        '{ text = "Probabilities",',
        '{ text = "Probabilities", right = true,',
        "2 options are right",
    ),
    "one option": (
        '  { text = "Probabilities", why = "A probability is never below 0." },\n',
        "",
        "1 options; give 2 to 4",
    ),
    "five options": (FIRST, FIRST.replace("[\n", '[{text="1",why="1"},{text="2",why="2"},'), "5 options; give 2 to 4"),
    "the same why": ('why = "A probability is never below 0."', 'why = "Any real numbers."', "have the same why"),
    "the same option": ('text = "Probabilities"', 'text = "Logits"', "have the same text"),
    "the same question": (
        "What must hold of the numbers that a softmax gives?",
        "A model gives the scores 2.0 and −1.0. What are these?",
        "before and after ask the same",
    ),
    "the same answer": ("They lie between 0 and 1 and sum to 1", "Logits", "the same right answer"),
    "a list for a table": (
        '[question.before]\nask = "A model',
        '[[question.before]]\nask = "A model',
        "before must be one table",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_file_is_one_clear_error(fault, tmp_path):
    old, new, message = FAULTS[fault]
    assert old in TEXT
    path = tmp_path / "77.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^77\.toml") as raised:
        quizzes.check(path)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value) and str(tmp_path) not in str(raised.value)


def test_the_right_option_moves_about(tmp_path):
    def right_first(match: re.Match) -> str:
        return "option = [\n" + "\n".join(sorted(match[1].splitlines(), key=lambda x: "right = true" not in x)) + "\n]"

    text = re.sub(r"option = \[\n(.*?)\n\]", right_first, TEXT, flags=re.DOTALL)
    path = tmp_path / "77.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"77\.toml: before, the right option is always in the same place"):
        quizzes.check(path)
