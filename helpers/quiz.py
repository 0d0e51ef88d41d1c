"""Quick questions before and after a lesson: `quiz.before("04")`, `quiz.after("04")`.

The questions are in `assets/quizzes/04.toml`; each is about one misconception and asked twice, the second time turned
round. Answers go to the reader's own progress file (`helpers.progress`) and nowhere else. Not the library jupyterquiz:
its answers stay in the page and never reach Python, nothing shows without a script, and it fetches MathJax from a CDN.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from helpers import progress, runtime
from helpers.show import Static, inline, view

QUIZZES = Path(__file__).parent / "assets" / "quizzes"
SCRIPT = Path(__file__).with_suffix(".js")
When = Literal["before", "after"]
TITLES = {
    "before": ("Before you start", "A guess is fine: every answer, right or wrong, is explained."),
    "after": ("What has changed?", "The same ideas, turned around. Try without looking back."),
}
EVENTS = {"before": "opened", "after": "executed"}


@dataclass(frozen=True)
class Option:
    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Asked:
    """One wording of a question, with its options."""

    ask: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Question:
    id: str
    about: str
    before: Asked
    after: Asked


@dataclass(frozen=True)
class Quiz:
    lesson: str
    questions: tuple[Question, ...]


def before(lesson: str | Path) -> None:
    """Show the questions that open a lesson, by its number (`"04"`) or from a TOML file of your own."""
    _show(load(lesson), "before")


def after(lesson: str | Path) -> None:
    """Show the questions that close a lesson: the same ideas, turned around."""
    _show(load(lesson), "after")


def load(lesson: str | Path) -> Quiz:
    """The quiz of a lesson. Raises FileNotFoundError if there is none, ValueError if the file is not a quiz.

    What makes a quiz a good one is not looked at here: `course.quizzes` does, for authors.
    """
    path = Path(lesson) if str(lesson).endswith(".toml") else QUIZZES / f"{lesson}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in QUIZZES.glob("*.toml"))) or "none"
        raise FileNotFoundError(f"There is no quiz {str(lesson)!r}. Give the number of a lesson that has one: {known}.")
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["question"]
        return Quiz(path.stem, tuple(_question(**entry) for entry in entries))
    except (ValueError, TypeError, LookupError) as error:  # not TOML; fields too many, too few or of another kind
        remedy = f"Write it like {QUIZZES / '04.toml'}."
        raise ValueError(f"{path.name} is not a quiz ({runtime.reason(error)}). {remedy}") from None


def _question(id: str, about: str, before: dict[str, Any], after: dict[str, Any]) -> Question:
    sides = (Asked(side["ask"], tuple(Option(**option) for option in side["option"])) for side in (before, after))
    return Question(id, about, *sides)


def _show(quiz: Quiz, when: When) -> None:
    from IPython.display import display

    def came_alive(_: bool, live: bool) -> str | None:
        return progress.record(EVENTS[when], lesson=quiz.lesson) if live else None

    def answers(old: dict[str, list[int]], new: dict[str, list[int]]) -> str | None:
        trouble = None
        for question in quiz.questions:
            for option in new.get(question.id, [])[len(old.get(question.id, [])) :]:
                right = getattr(question, when).options[option].right
                trouble = progress.answered(quiz.lesson, question.id, when, option, right) or trouble
        return trouble

    display(view(static(quiz, when), SCRIPT, live_data(quiz, when), live=came_alive, state=answers))


def live_data(quiz: Quiz, when: When) -> dict[str, Any]:
    """What the JavaScript view draws, texts as HTML: `state` then holds the options tried, in order, by question id."""
    kept = "Recording is off, so your answers are not kept."
    if path := progress.place():
        kept = f"Your answers are kept in your own folder ({path.name}) and sent nowhere; `course progress` shows them."
    questions = []
    for question in quiz.questions:
        asked = getattr(question, when)
        options = [{"text": inline(o.text), "why": inline(o.why), "right": o.right} for o in asked.options]
        questions.append({"id": question.id, "ask": inline(asked.ask), "options": options})
    title, lead = TITLES[when]
    return {"title": title, "lead": lead, "kept": inline(kept), "questions": questions}


def static(quiz: Quiz, when: When) -> Static:
    """The quiz without a script: the options of every question, and what is to say about each, folded away."""
    title, lead = TITLES[when]
    heading = title if title.endswith("?") else f"{title}."
    html, text, answers = [f"<p><strong>{title}</strong><br>{lead}</p>"], [f"{heading} {lead}"], ["Answers"]
    for number, question in enumerate(quiz.questions, 1):
        asked = getattr(question, when)
        choices = reasons = ""
        text += ["", f"{number}. {asked.ask}"]
        answers.append("")
        for letter, option in zip("abcd", asked.options):
            mark, word = ("✓", "right") if option.right else ("✗", "wrong")
            choices += f"<li>{inline(option.text)}</li>"
            reasons += f"<li><strong>{mark} {word.capitalize()}:</strong> {inline(option.why)}</li>"
            text.append(f"   {letter}) {option.text}")
            answers.append(f"{number}{letter} {word}: {option.why}")
        html.append(
            f'<p><strong>{number}.</strong> {inline(asked.ask)}</p><ol type="a">{choices}</ol><details><summary>'
            f'The answer, and what is wrong with the others</summary><ol type="a">{reasons}</ol></details>'
        )
    return Static(f"<div>{''.join(html)}</div>", "\n".join([*text, "", *answers]))
