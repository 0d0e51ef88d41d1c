"""What makes a file of questions a good quiz: `check(path)`, which `course lint` and the tests call.

A reader's kernel takes a file as it is (`helpers.quiz.load`); what authors get wrong is found here.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

KINDS = {str: "a text in quotes", list: "a list", dict: "one table", bool: "true or false"}
MIN_QUESTIONS, MAX_QUESTIONS, MIN_OPTIONS, MAX_OPTIONS = 3, 5, 2, 4
SIDES = ("before", "after")


def check(path: Path) -> None:
    """Raises ValueError for the first fault of a quiz, naming file, question and remedy in one line."""
    file = path.name
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} is not TOML: {error}. Fix that line.") from None
    check_fields(content, {"question": list}, file)
    entries = content["question"]
    if not MIN_QUESTIONS <= len(entries) <= MAX_QUESTIONS:
        raise ValueError(f"{file} has {len(entries)} questions: make it {MIN_QUESTIONS} to {MAX_QUESTIONS}.")
    ids: list[str] = []
    for number, entry in enumerate(entries, 1):
        name = entry.get("id") if isinstance(entry, dict) else None
        where = f"{file}, question {name!r}" if name else f"{file}, question {number}"
        check_question(entry, where)
        if name in ids:
            raise ValueError(f"{where}: an earlier question has this id; give each its own.")
        ids.append(name)
    for when in SIDES:  # else a reader who sees the pattern needs no answer
        if len({right_place(entry[when]) for entry in entries}) == 1:
            raise ValueError(f"{file}: {when}, the right option is always in the same place; move some of them.")


def check_question(entry: Any, where: str) -> None:
    """One misconception, asked twice: the second time about something else, and with another right answer."""
    check_fields(entry, {"id": str, "about": str, **dict.fromkeys(SIDES, dict)}, where)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry["id"]):
        raise ValueError(f"{where}: the id is not a slug; write it like heads-are-copies.")
    for when in SIDES:
        check_side(entry[when], f"{where}, {when}")
    first, second = (entry[when] for when in SIDES)
    if first["ask"] == second["ask"]:
        raise ValueError(f"{where}: before and after ask the same; ask about another scene the second time.")
    if first["option"][right_place(first)]["text"] == second["option"][right_place(second)]["text"]:
        raise ValueError(f"{where}: before and after have the same right answer; turn the question round.")


def check_side(side: dict[str, Any], where: str) -> None:
    """One wording of a question: two to four different options, exactly one of them right."""
    check_fields(side, {"ask": str, "option": list}, where)
    options = side["option"]
    if not MIN_OPTIONS <= len(options) <= MAX_OPTIONS:
        raise ValueError(f"{where}: {len(options)} options; give {MIN_OPTIONS} to {MAX_OPTIONS}.")
    for number, option in enumerate(options, 1):
        check_fields(option, {"text": str, "why": str}, f"{where}, option {number}", {"right": bool})
    if (right := sum(option.get("right", False) for option in options)) != 1:
        raise ValueError(f"{where}: {right} options are right; mark exactly one with right = true.")
    for field in ("text", "why"):
        if len({option[field] for option in options}) < len(options):
            raise ValueError(f"{where}: two options have the same {field}; write one for each.")


def right_place(side: dict[str, Any]) -> int:
    """The index of the right option."""
    return next(place for place, option in enumerate(side["option"]) if option.get("right"))


def check_fields(entry: Any, needed: dict[str, type], where: str, optional: dict[str, type] | None = None) -> None:
    """That `entry` is a table with all that is `needed`, perhaps what is `optional`, and nothing else."""
    types = {**needed, **(optional or {})}
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
