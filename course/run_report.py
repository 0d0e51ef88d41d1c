"""What a run of lessons leaves to be read: report.json, the table in the terminal, the failures."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpers import __version__, runtime
from helpers.progress import DISTRIBUTION

Entry = dict[str, Any]
"""One notebook's part of the report, as `course.run.run_one` makes it."""


def seconds_elsewhere(report: str | Path | None, budgets: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Seconds by lesson to compare with: of the runs that passed in another `report`, else the budgets' for the CPU.

    Raises ValueError when the file is not a report.
    """
    if report is None:
        return {name: budget["seconds"] for name, budget in budgets.items()}
    try:
        entries = json.loads(Path(report).read_text("utf-8"))["notebooks"]
        return {entry["name"]: entry["seconds"] for entry in entries if entry["status"] == "ok"}
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{report} is not a report: give --beside the report.json of another run.") from None


def write(path: Path, entries: list[Entry], about: Mapping[str, Any]) -> None:
    """Write `report.json`: what ran, on what, how long, how much memory, and what each name resolved to."""
    content: dict[str, Any] = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "versions": {DISTRIBUTION: __version__, **runtime.versions()},
        **about,
    }
    for key in ("profile", "device", "gpu", "seed"):  # the one value that all notebooks share, if they do
        values = {entry[key] for entry in entries} - {None}
        content[key] = values.pop() if len(values) == 1 else content.get(key)
    content["seconds"] = round(sum(entry["seconds"] for entry in entries), 2)
    for key in ("peak_mb", "gpu_peak_mb"):
        content[key] = max((entry[key] or 0.0 for entry in entries), default=0.0)
    content["notebooks"] = entries
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def error_line(entry: Entry) -> str:
    """The failing cell and the first line of its error."""
    error = entry["error"]
    first = next(iter(error["evalue"].splitlines()), "")
    return f"{entry['name']}, cell {error['cell'] or '(before the first cell)'}: {error['ename']}: {first}"


def show_error(entry: Entry, console) -> None:
    """The failing cell with line numbers, and under it the error as Jupyter would show it."""
    from rich.panel import Panel
    from rich.syntax import Syntax
    from rich.text import Text

    error, line = entry["error"], error_line(entry)
    if error["source"]:
        code = Syntax(error["source"], "python", line_numbers=True, word_wrap=True)
        console.print(Panel(code, title=line.partition(": ")[0], title_align="left"))
    traceback = Text.from_ansi("\n".join(error["traceback"]))
    if len(traceback.split()) > 40:
        traceback = Text("\n").join([*traceback.split()[:10], Text("…"), *traceback.split()[-28:]])
    console.print(traceback if error["traceback"] else "", soft_wrap=True)
    console.print(Text(line, "bold red"), soft_wrap=True)


def budget_word(entry: Entry) -> str:
    budget = entry["budget"]
    if entry["status"] != "ok":
        return "[red]failed[/]"
    if budget is None:
        return "none"
    limits = f"{budget['seconds']:g} s, {budget['memory_mb']:g} MB"
    return f"[green]within[/] {limits}" if budget["within"] else f"[red]over[/] {limits}"


def show_table(entries: list[Entry], console, beside: str) -> None:
    """Cells, seconds, peak memory, budget of each notebook, and a line for each failure.

    Where there is something to compare with, its seconds are in a column named `beside`; a GPU's memory has another.
    """
    from rich.table import Table
    from rich.text import Text

    columns = {"seconds": ("seconds", "{:.1f}"), "seconds_beside": (beside, "{:.1f}")}
    columns |= {"peak_mb": ("peak memory", "{:.0f} MB"), "gpu_peak_mb": ("GPU memory", "{:.0f} MB")}
    for key in ("seconds_beside", "gpu_peak_mb"):
        if not any(entry.get(key) for entry in entries):
            del columns[key]
    gpus = sorted({entry["gpu"] for entry in entries} - {None})
    table = Table(title=" on ".join(["The lessons that ran", *gpus]))
    table.add_column("notebook")
    for heading in ("cells", *[heading for heading, _ in columns.values()]):
        table.add_column(heading, justify="right")
    table.add_column("budget")

    def row(name: str, cells: int, values: Mapping[str, float | None], word: str) -> None:
        figures = [form.format(values[key]) if values.get(key) else "–" for key, (_, form) in columns.items()]
        table.add_row(name, str(cells), *figures, word)

    for entry in entries:
        row(entry["name"], len(entry["cells"]), entry, budget_word(entry))
    if len(entries) > 1:
        table.add_section()
        totals = {
            key: (max if key.endswith("mb") else sum)(entry.get(key) or 0.0 for entry in entries) for key in columns
        }
        row("all", sum(len(entry["cells"]) for entry in entries), totals, "")
    console.print(table)
    for entry in entries:
        if entry["status"] != "ok":
            console.print(Text(error_line(entry), "red"), soft_wrap=True)


def failed(entries: list[Entry]) -> list[str]:
    """Names of the notebooks that failed."""
    return [entry["name"] for entry in entries if entry["status"] != "ok"]


def over_budget(entries: list[Entry]) -> list[str]:
    """Names of the notebooks that took more time or memory than they may."""
    return [entry["name"] for entry in entries if entry["budget"] and not entry["budget"]["within"]]


def say_where(page: Path, failed: list[str], over: list[str], console) -> None:
    """The last line: what went wrong, and which `page` to read."""
    verdict = f"Failed: {', '.join(failed)}. " if failed else f"Over budget: {', '.join(over)}. " if over else ""
    near = page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    line = f"{verdict}Read {near} in a browser, or type `make lab` to work through the lessons."
    console.print(line, markup=False, highlight=False, soft_wrap=True)
