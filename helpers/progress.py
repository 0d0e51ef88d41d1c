"""What a reader has done: lessons opened and executed, questions answered, checks passed. Nothing leaves the machine.

One JSON object per line, appended to `progress.jsonl`: in the course's folder where that is a clone one may write
to, else in the current folder. The environment variable COURSE_PROGRESS names another file; empty, nothing is
recorded. `course progress` shows it. Besides `event` and `time` (UTC), the lines hold:

    opened    lesson                                         its first quiz was shown
    answer    lesson question when option right try          when: before, after; options count from 0, tries from 1
    executed  lesson                                         its last quiz was shown
    check     lab part                                       the check of a lab's part passed
"""

from __future__ import annotations

import contextlib
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
        given = os.environ[VARIABLE]
        return Path(given).expanduser() if given else None
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

    Where files can be locked (not on Windows) one waits for the other: else it might see half of a line, take it
    for that of a killed program, and leave a blank one behind it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    try:
        with contextlib.suppress(ImportError, OSError):  # no locks on this system, or not on this disk
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)  # given back by close
        size = os.fstat(file).st_size
        if size:
            os.lseek(file, size - 1, os.SEEK_SET)
        cut_off = size and os.read(file, 1) != b"\n"  # the line of a program that was killed: leave it, start anew
        os.write(file, ("\n" * bool(cut_off) + line + "\n").encode())
    finally:
        os.close(file)


def answered(lesson: str, question: str, when: str, option: int, right: bool) -> str | None:
    """Record an answer, numbered among all answers to this question; the first is the one that counts."""
    same = [e for e in read() if e["event"] == "answer" and _asked(e) == (lesson, question, when)]
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


def _asked(event: Event) -> tuple[str, str, str]:
    return str(event.get("lesson")), str(event.get("question")), str(event.get("when"))


def lessons() -> dict[str, dict[str, Any]]:
    """Number → title and notebook (None outside a clone) of every lesson, and how many questions its quiz asks."""
    from helpers import quiz

    found: dict[str, dict[str, Any]] = {}
    for path in sorted(quiz.QUIZZES.glob("*.toml")):
        found[path.stem] = {"title": path.stem, "notebook": None, "questions": len(quiz.load(path.stem).questions)}
    folder = clone()
    for path in sorted((folder / "notebooks").glob("[0-9][0-9]_*.ipynb")) if folder else []:
        number = path.name[:2]
        entry = found.setdefault(number, {"questions": 0})
        entry |= {"title": _title(path), "notebook": path.relative_to(folder).as_posix()}
    return dict(sorted(found.items()))


def _title(path: Path) -> str:
    """`04 · Attention`, the first heading of the notebook; its file name if there is none."""
    try:
        source = json.loads(path.read_text("utf-8"))["cells"][0]["source"]
    except (ValueError, LookupError, TypeError):
        return path.stem
    first = "".join(source).partition("\n")[0]
    return first.removeprefix("# ").strip() if first.startswith("# ") else path.stem


def summary(events: list[Event] | None = None) -> dict[str, Any]:
    """Lessons in order, with what was done in each; labs with their checks; and the lesson to open next: the one
    opened last if it is not done, else the first that is not.

    Of several answers to a question the first counts, before the lesson and after it.
    """
    events = read() if events is None else events
    rows = {
        number: {
            "lesson": number,
            **about,
            "opened": None,
            "executed": None,
            "before": {"right": 0, "answered": 0},
            "after": {"right": 0, "answered": 0},
        }
        for number, about in lessons().items()
    }
    labs: dict[str, set[str]] = {}
    seen, begun = set(), None
    for event in events:
        row = rows.get(str(event.get("lesson")))
        kind, when = event["event"], event.get("when")
        if kind == "check" and event.get("lab") and event.get("part"):
            labs.setdefault(str(event["lab"]), set()).add(str(event["part"]))
        elif row and kind == "opened":
            row["opened"] = row["opened"] or event.get("time")
            begun = row["lesson"]
        elif row and kind == "executed":
            row["executed"] = event.get("time")
        elif row and kind == "answer" and when in ("before", "after") and _asked(event) not in seen:
            seen.add(_asked(event))
            row[when]["answered"] += 1
            row[when]["right"] += event.get("right") is True
    ordered = list(rows.values())
    todo = [row for row in ordered if not row["executed"]]
    todo.sort(key=lambda row: row["lesson"] != begun)  # stable: the one that is open, else the first
    return {
        "file": str(place()) if place() else None,
        "events": len(events),
        "lessons": ordered,
        "executed": len(ordered) - len(todo),
        "labs": {lab: sorted(parts) for lab, parts in sorted(labs.items())},
        "next": todo[0]["lesson"] if todo else None,
    }


def reset() -> tuple[Path, Path] | None:
    """Move the file aside, under a name with the time; returns both names, None if there is no file."""
    path = place()
    if path is None or not path.is_file():
        return None
    stem = f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    aside, number = path.with_name(f"{stem}{path.suffix}"), 2
    while aside.exists():
        aside, number = path.with_name(f"{stem}-{number}{path.suffix}"), number + 1
    return path, path.rename(aside)


# --- showing --------------------------------------------------------------------------------------


def show(console: Any) -> None:
    """Print the summary to a rich `Console`: a table, a bar, and what to open next."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    if place() is None:
        console.print(f"Recording is off: {VARIABLE} is set to nothing.", highlight=False)
        return
    facts = summary()
    if not facts["events"]:
        first = facts["lessons"][0]["notebook"] if facts["lessons"] else None
        console.print("Nothing recorded yet: your progress begins with the first quiz you open.", highlight=False)
        console.print(f"Open {first or 'lesson 00'} (make lab) and run its cells.", highlight=False)
        return
    table = Table(title="What you have done", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("lesson")
    table.add_column("executed")
    table.add_column("before → after", justify="right")
    if facts["labs"]:
        table.add_column("checks", justify="right")
    for row in facts["lessons"]:
        done = f"[green]✓[/] {_day(row['executed'])}" if row["executed"] else "  opened" if row["opened"] else "  –"
        table.add_row(escape(row["title"]), done, f"{_score(row, 'before')} → {_score(row, 'after')}")
    table.add_section()
    for lab, parts in facts["labs"].items():
        table.add_row(escape(lab), "", "", str(len(parts)))
    console.print(table)
    _bar(console, facts["executed"], len(facts["lessons"]))
    console.print("  before → after: questions right at the first try", style="dim", highlight=False)
    console.print(_advice(facts), highlight=False, soft_wrap=True)


def _bar(console: Any, done: int, of: int) -> None:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    line = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=max(of, 1), completed=done, width=30, complete_style="green")
    line.add_row(" ", bar, f"{done} of {of} lessons executed to the end")
    console.print(line)


def _day(time: str) -> str:
    try:
        return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d}"
    except (TypeError, ValueError):
        return "yes"


def _score(row: dict[str, Any], when: str) -> str:
    found = row[when]
    return f"{found['right']}/{max(row['questions'], found['answered'])}" if found["answered"] else "–"


def _advice(facts: dict[str, Any]) -> str:
    following = next((row for row in facts["lessons"] if row["lesson"] == facts["next"]), None)
    if following is None:
        return "You have executed every lesson. The labs are next, or a quiz that you want to take again."
    verb = "Go on with" if following["opened"] else "Open next"
    return f"{verb}: {following['notebook'] or 'lesson ' + following['lesson']}"
