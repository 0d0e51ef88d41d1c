"""Quick questions before and after a lesson: `quiz.before("04")`, `quiz.after("04")`.

The questions are in `assets/quizzes/04.toml`; each is about one misconception and asked twice, the second time turned
round. Answers go to the reader's own progress file (`helpers.progress`) and nowhere else. Not the library jupyterquiz:
its answers stay in the page and never reach Python, nothing shows without a script, and it fetches MathJax from a CDN.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from helpers import progress
from helpers.show import Static, inline, view

QUIZZES = Path(__file__).parent / "assets" / "quizzes"
SCRIPT = Path(__file__).with_suffix(".js")
When = Literal["before", "after"]
TITLES = {
    "before": ("Before you start", "A guess is fine: every answer, right or wrong, is explained."),
    "after": ("What has changed?", "The same ideas, turned round. Try without looking back."),
}
KINDS = {str: "a text in quotes", list: "a list", dict: "one table", bool: "true or false"}
EVENTS = {"before": "opened", "after": "executed"}
MIN_QUESTIONS, MAX_QUESTIONS, MIN_OPTIONS, MAX_OPTIONS = 3, 5, 2, 4


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

    @property
    def right(self) -> int:
        """The index of the right option."""
        return next(i for i, option in enumerate(self.options) if option.right)


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
    """Show the questions that close a lesson: the same ideas, turned round."""
    _show(load(lesson), "after")


# --- reading the questions --------------------------------------------------------------------------


def load(lesson: str | Path) -> Quiz:
    """The quiz of a lesson. Raises FileNotFoundError if there is none, ValueError naming file, question and remedy."""
    path = Path(lesson) if str(lesson).endswith(".toml") else QUIZZES / f"{lesson}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in QUIZZES.glob("*.toml"))) or "none"
        raise FileNotFoundError(f"There is no quiz {str(lesson)!r}. Give the number of a lesson that has one: {known}.")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is not TOML: {error}. Mend that line.") from None
    return Quiz(path.stem, _questions(content, path.name))


def _questions(content: dict[str, Any], file: str) -> tuple[Question, ...]:
    given = _fields(content, {"question": list}, file)["question"]
    if not MIN_QUESTIONS <= len(given) <= MAX_QUESTIONS:
        raise ValueError(f"{file} has {len(given)} questions: make it {MIN_QUESTIONS} to {MAX_QUESTIONS}.")
    found: list[Question] = []
    for number, entry in enumerate(given, 1):
        name = entry.get("id") if isinstance(entry, dict) else None
        where = f"{file}, question {name!r}" if name else f"{file}, question {number}"
        fields = _fields(entry, {"id": str, "about": str, "before": dict, "after": dict}, where)
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fields["id"]):
            raise ValueError(f"{where}: the id is no slug; write it like heads-are-copies.")
        if any(fields["id"] == earlier.id for earlier in found):
            raise ValueError(f"{where}: an earlier question has this id; give each its own.")
        sides = {when: _asked(fields[when], f"{where}, {when}") for when in ("before", "after")}
        if sides["before"].ask == sides["after"].ask:
            raise ValueError(f"{where}: before and after ask the same; ask about another scene the second time.")
        first, second = (side.options[side.right].text for side in sides.values())
        if first == second:
            raise ValueError(f"{where}: before and after have the same right answer; turn the question round.")
        found.append(Question(fields["id"], fields["about"], **sides))
    for when in ("before", "after"):
        if len({getattr(question, when).right for question in found}) == 1:
            raise ValueError(f"{file}: {when}, the right option always stands at the same place; move some of them.")
    return tuple(found)


def _asked(entry: dict[str, Any], where: str) -> Asked:
    fields = _fields(entry, {"ask": str, "option": list}, where)
    if not MIN_OPTIONS <= len(fields["option"]) <= MAX_OPTIONS:
        raise ValueError(f"{where}: {len(fields['option'])} options; give {MIN_OPTIONS} to {MAX_OPTIONS}.")
    options = []
    for number, option in enumerate(fields["option"], 1):
        at = f"{where}, option {number}"
        options.append(Option(**_fields(option, {"text": str, "why": str}, at, {"right": bool})))
    if (right := sum(option.right for option in options)) != 1:
        raise ValueError(f"{where}: {right} options are right; mark exactly one with right = true.")
    for field in ("text", "why"):
        if len({getattr(option, field) for option in options}) < len(options):
            raise ValueError(f"{where}: two options have the same {field}; write one for each.")
    return Asked(fields["ask"], tuple(options))


def _fields(entry: Any, needed: dict[str, type], where: str, allowed: dict[str, type] | None = None) -> dict[str, Any]:
    """`entry` if it is a table with all that is `needed`, perhaps what is `allowed`, and nothing else."""
    types = {**needed, **(allowed or {})}
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: this must be a table with {', '.join(types)}.")
    for name in entry.keys() - types.keys():
        raise ValueError(f"{where}: there is no field {name!r}; the fields are {', '.join(types)}.")
    for name, kind in types.items():
        if name not in entry and name in needed:
            raise ValueError(f"{where}: {name} is missing; add it.")
        value = entry.get(name, kind())
        if not isinstance(value, kind):
            raise ValueError(f"{where}: {name} must be {KINDS[kind]}, not {value!r}.")
        if name in needed and not (value.strip() if isinstance(value, str) else value):
            raise ValueError(f"{where}: {name} is empty; fill it in.")
    return dict(entry)


# --- showing them -----------------------------------------------------------------------------------


def _show(quiz: Quiz, when: When) -> None:
    from IPython.display import display

    def came_alive(_: bool, live: bool) -> str | None:
        return progress.record(EVENTS[when], lesson=quiz.lesson) if live else None

    def answers(old: dict[str, list[int]], new: dict[str, list[int]]) -> str | None:
        trouble = None
        for question in quiz.questions:
            for option in new.get(question.id, [])[len(old.get(question.id, [])) :]:
                right = option == getattr(question, when).right
                trouble = progress.answered(quiz.lesson, question.id, when, option, right) or trouble
        return trouble

    shown = view(static(quiz, when), SCRIPT, live_data(quiz, when), live=came_alive, state=answers)
    display(shown)


def live_data(quiz: Quiz, when: When) -> dict[str, Any]:
    """What the JavaScript view draws, texts as HTML: `state` then holds the options tried, in order, by question id."""
    kept = "Recording is off: your answers are not kept."
    if path := progress.place():
        kept = f"Your answers are kept in your own folder ({path.name}) and sent nowhere; `course progress` shows them."
    title, lead = TITLES[when]
    return {
        "title": title,
        "lead": lead,
        "kept": inline(kept),
        "questions": [
            {
                "id": question.id,
                "ask": inline(asked.ask),
                "options": [{"text": inline(o.text), "why": inline(o.why), "right": o.right} for o in asked.options],
            }
            for question in quiz.questions
            for asked in [getattr(question, when)]
        ],
    }


def static(quiz: Quiz, when: When) -> Static:
    """The quiz without a script: the options of every question, and what is to say about each, folded away."""
    title, lead = TITLES[when]
    heading = title if title.endswith("?") else f"{title}."
    html, text, answers = [f"<p><strong>{title}</strong><br>{lead}</p>"], [f"{heading} {lead}"], ["Answers"]
    for number, question in enumerate(quiz.questions, 1):
        asked = getattr(question, when)
        choices = "".join(f"<li>{inline(option.text)}</li>" for option in asked.options)
        reasons = "".join(
            f"<li><strong>{'✓ Right' if option.right else '✗ Wrong'}:</strong> {inline(option.why)}</li>"
            for option in asked.options
        )
        html.append(
            f'<p><strong>{number}.</strong> {inline(asked.ask)}</p><ol type="a">{choices}</ol>'
            "<details><summary>The answer, and what is wrong with the others</summary>"
            f'<ol type="a">{reasons}</ol></details>'
        )
        text += ["", f"{number}. {asked.ask}"]
        text += [f"   {letter}) {option.text}" for letter, option in zip("abcd", asked.options)]
        answers += [
            "",
            *(
                f"{number}{letter} {'right' if option.right else 'wrong'}: {option.why}"
                for letter, option in zip("abcd", asked.options)
            ),
        ]
    return Static(f"<div>{''.join(html)}</div>", "\n".join([*text, "", *answers]))
