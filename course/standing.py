"""`course progress`: what the events of `helpers.progress` add up to, and what to open next."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpers import progress, quiz


def lessons() -> dict[str, dict[str, Any]]:
    """Number → title and notebook (None outside a clone) of every lesson, and how many questions its quiz asks."""
    table: dict[str, dict[str, Any]] = {}
    for path in sorted(quiz.QUIZZES.glob("*.toml")):
        table[path.stem] = {"title": path.stem, "notebook": None, "questions": len(quiz.load(path.stem).questions)}
    folder = progress.clone()
    for path in sorted((folder / "notebooks").glob("[0-9][0-9]_*.ipynb")) if folder else []:
        entry = table.setdefault(path.name[:2], {"questions": 0})
        entry |= {"title": _title(path), "notebook": path.relative_to(folder).as_posix()}
    return dict(sorted(table.items()))


def _title(path: Path) -> str:
    """`04 · Attention`, the first heading of the notebook; its file name if there is none."""
    try:
        source = json.loads(path.read_text("utf-8"))["cells"][0]["source"]
    except (ValueError, LookupError, TypeError):
        return path.stem
    first = "".join(source).partition("\n")[0]
    return first.removeprefix("# ").strip() if first.startswith("# ") else path.stem


def summary() -> dict[str, Any]:
    """Lessons in order, with what was done in each; labs with their checks; and the lesson to open next: the one
    opened last if it is not done, else the first that is not.

    Of several answers to a question the first counts, before the lesson and after it.
    """
    events = progress.read()
    rows = {
        number: {"lesson": number, **about, "opened": None, "executed": None}
        | {when: {"right": 0, "answered": 0} for when in ("before", "after")}
        | {"gaps": []}
        for number, about in lessons().items()
    }
    labs: dict[str, set[str]] = {}
    asked, last_opened = set(), None
    for event in events:
        row = rows.get(str(event.get("lesson")))
        kind, when = event["event"], event.get("when")
        of_lesson = rows.get(str(event.get("lab")).removeprefix("lesson"))
        if kind == "check" and of_lesson and event.get("part"):
            of_lesson["gaps"] = sorted({*of_lesson["gaps"], str(event["part"])})
        elif kind == "check" and event.get("lab") and event.get("part"):
            labs.setdefault(str(event["lab"]), set()).add(str(event["part"]))
        elif row and kind == "opened":
            row["opened"] = row["opened"] or event.get("time")
            last_opened = row["lesson"]
        elif row and kind == "executed":
            row["executed"] = event.get("time")
        elif row and kind == "answer" and when in ("before", "after") and progress.question_of(event) not in asked:
            asked.add(progress.question_of(event))
            row[when]["answered"] += 1
            row[when]["right"] += event.get("right") is True
    ordered = list(rows.values())
    todo = [row for row in ordered if not row["executed"]]
    todo.sort(key=lambda row: row["lesson"] != last_opened)  # stable: the one that is open, else the first
    return {
        "file": str(progress.place()) if progress.place() else None,
        "events": len(events),
        "lessons": ordered,
        "executed": len(ordered) - len(todo),
        "labs": {lab: sorted(parts) for lab, parts in sorted(labs.items())},
        "next": todo[0]["lesson"] if todo else None,
    }


def reset() -> tuple[Path, Path] | None:
    """Move the file aside, under a name with the time; returns both names, None if there is no file."""
    path = progress.place()
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

    if progress.place() is None:
        console.print(f"Recording is off: {progress.VARIABLE} is set to nothing.", highlight=False)
        return
    facts = summary()
    if not facts["events"]:
        first = facts["lessons"][0]["notebook"] if facts["lessons"] else None
        console.print(
            "Nothing has been recorded yet. Your progress begins with the first quiz that you open.", highlight=False
        )
        console.print(f"Open {first or 'lesson 00'} (make lab) and run its cells.", highlight=False)
        return
    table = Table(title="What you have done", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("lesson")
    table.add_column("executed")
    table.add_column("before → after", justify="right")
    if facts["labs"] or any(row["gaps"] for row in facts["lessons"]):
        table.add_column("checks", justify="right")
    for row in facts["lessons"]:
        done = f"[green]✓[/] {_day(row['executed'])}" if row["executed"] else "  opened" if row["opened"] else "  –"
        scores = f"{_score(row, 'before')} → {_score(row, 'after')}"
        table.add_row(escape(row["title"]), done, scores, *([str(len(row["gaps"]))] if row["gaps"] else []))
    table.add_section()
    for lab, parts in facts["labs"].items():
        table.add_row(escape(lab), "", "", str(len(parts)))
    console.print(table)
    _bar(console, facts["executed"], len(facts["lessons"]))
    console.print("  before → after: questions that you got right at the first try", style="dim", highlight=False)
    console.print(_advice(facts), highlight=False, soft_wrap=True)


def _bar(console: Any, done: int, total: int) -> None:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    line = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=max(total, 1), completed=done, width=30, complete_style="green")
    line.add_row(" ", bar, f"{done} of {total} lessons run to the end")
    console.print(line)


def _day(time: str) -> str:
    try:
        return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d}"
    except (TypeError, ValueError):
        return "yes"


def _score(row: dict[str, Any], when: str) -> str:
    score = row[when]
    return f"{score['right']}/{max(row['questions'], score['answered'])}" if score["answered"] else "–"


def _advice(facts: dict[str, Any]) -> str:
    row = next((row for row in facts["lessons"] if row["lesson"] == facts["next"]), None)
    if row is None:
        return "You have run every lesson. Next come the labs, or a quiz that you want to take again."
    verb = "Go on with" if row["opened"] else "Open next"
    return f"{verb}: {row['notebook'] or 'lesson ' + row['lesson']}"
