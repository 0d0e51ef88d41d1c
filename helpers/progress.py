"""What a reader has done: lessons opened and executed, questions answered, checks passed. Nothing leaves the machine.

One JSON object per line, appended to `progress.jsonl`: in the course's folder where that is a clone one may write
to, else in the current folder. The environment variable COURSE_PROGRESS names another file; empty, nothing is
recorded. `course progress` shows it (course/standing.py). Besides `event` and `time` (UTC), the lines hold:

    opened    lesson                                         its first quiz was shown
    answer    lesson question when option right try          when: before, after; options count from 0, tries from 1
    executed  lesson                                         its last quiz was shown
    check     lab part                                       the check of a lab's part passed, or of a lesson's gap:
                                                             then `lab` is like lesson04
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

FILE = "progress.jsonl"
VARIABLE = "COURSE_PROGRESS"
DISTRIBUTION = "transformers-by-hand"

Event = dict[str, Any]


def clone() -> Path | None:
    """The folder of the course: the clone around the working directory, else the one this file is in, else None."""
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        project = folder / "pyproject.toml"
        if project.is_file() and re.search(rf'^name\s*=\s*"{DISTRIBUTION}"', project.read_text("utf-8"), re.MULTILINE):
            return folder
    return None


def place() -> Path | None:
    """The file that progress goes to; None when COURSE_PROGRESS is set to nothing."""
    if VARIABLE in os.environ:
        name = os.environ[VARIABLE]
        return Path(name).expanduser() if name else None
    folder = clone()
    return (folder if folder and os.access(folder, os.W_OK) else Path.cwd()) / FILE


# --- writing --------------------------------------------------------------------------------------


def record(event: str, **facts: Any) -> str | None:
    """Append one event. Never an error in a lesson: what it returns is None, or the sentence that says what failed."""
    path = place()
    if path is None:
        return None
    fact = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "event": event, **facts}
    try:
        _append(path, json.dumps(fact, ensure_ascii=False))
    except OSError as error:
        return f"{path.name} cannot be written here ({error.strerror}): your progress is not kept, all else works."
    return None


def _append(path: Path, line: str) -> None:
    """Add `line` in a single write, which the system puts at the end even while another notebook writes too.

    It begins a line of its own whatever is there: a program may have been killed within the line before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    try:
        os.write(file, f"\n{line}\n".encode())
    finally:
        os.close(file)


def answered(lesson: str, question: str, when: str, option: int, right: bool) -> str | None:
    """Record an answer, numbered among all answers to this question; the first is the one that counts."""
    same = [e for e in read() if e["event"] == "answer" and question_of(e) == (lesson, question, when)]
    return record(
        "answer", lesson=lesson, question=question, when=when, option=option, right=right, **{"try": len(same) + 1}
    )


def check_passed(lab: str, part: str) -> None:
    """Record that the check of a lab's part has passed. Says in one line, once, if that cannot be written."""
    if trouble := record("check", lab=lab, part=part):
        _say_once(trouble)


@cache
def _say_once(line: str) -> None:
    print(line)


# --- reading --------------------------------------------------------------------------------------


def read(path: Path | None = None) -> list[Event]:
    """All events in the order they happened; a line that is damaged is passed over."""
    path = path or place()
    try:
        lines = path.read_bytes().splitlines() if path else []
    except OSError:
        return []
    events = []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:  # also bytes that are not UTF-8
            continue
        if isinstance(event, dict) and isinstance(event.get("event"), str):
            events.append(event)
    return events


def question_of(event: Event) -> tuple[str, str, str]:
    """Lesson, question and when: what tells the answers to one question from those to another."""
    return str(event.get("lesson")), str(event.get("question")), str(event.get("when"))
