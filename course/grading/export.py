"""Marks as tables: a CSV for people, and what Canvas and Moodle import.

    left_out = write(rows(results, roster), "canvas", Path("lab02.csv"))

A mark that is not settled (tampered, stopped, unreadable, to be run again, a written answer waiting, nothing handed in)
is never a 0. The CSV says why and leaves `final` empty. The files for an LMS leave the student out: both systems take
an empty cell for a change and would erase a mark that stands there already.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from course.grading.book import NOWHERE, STOPPED
from course.grading.roster import Roster
from helpers.runtime import write_whole

OPEN = {
    "tampered": "tampered: look at it first",
    "timeout": "timeout: look at it first, and give or confirm points in Formgrader",
    "killed": "killed: look at it first, and give or confirm points in Formgrader",
    "unreadable": "unreadable: ask for it again",
    "infrastructure": "not graded yet: run again with --resume",
    "missing": "nothing was handed in",
}


def rows(results: Iterable[Mapping[str, Any]], roster: Roster | None = None) -> list[dict[str, Any]]:
    """A row for each result, and for each student of the roster without one (status `missing`).

    `penalty` of a result is in points. `why` says what keeps a mark from being settled; `final` is None then.
    """
    students = dict(roster.students) if roster else {}
    made = [_row(result, students.pop(result["student"], None)) for result in results]
    lab, full = (made[0]["lab"], made[0]["full"]) if made else ("", None)
    for student in students.values():
        made.append(_row({"student": student.id, "lab": lab, "status": "missing", "full": full}, student))
    return sorted(made, key=lambda row: row["student"])


def _row(result: Mapping[str, Any], student: Any) -> dict[str, Any]:
    status, flags = result["status"], list(result.get("flags") or ())
    parts = {part["part"]: (part["points"], part["full"]) for part in result.get("parts") or ()}
    written, penalty = result.get("written") or {}, result.get("penalty") or 0
    waiting = written.get("pending") or []
    waiting = [f"{waiting} written"] if isinstance(waiting, int) else list(waiting)
    waiting += [name for name in result.get("waiting") or () if name not in waiting]
    kind = "tampered" if "tampered" in flags else status.split()[0]
    why, still = OPEN.get(kind, ""), {name.removesuffix("-test") for name in result.get("waiting", [NOWHERE])}
    if kind in ("tampered", *STOPPED) and not still & {*parts, NOWHERE}:
        why = ""  # a person has looked
    if why and kind not in STOPPED:
        parts = {name: (None, full) for name, (_, full) in parts.items()}
    automatic = _sum([points for points, _ in parts.values()] if parts else [result.get("points")])
    points = _sum([automatic, written.get("points", 0)])
    if not why and (waiting or points is None):
        why = f"waits for a person: {', '.join(waiting) or 'points'}"
    return {
        "student": result["student"],
        "name": student.name if student else "",
        "email": student.email if student else "",
        "canvas_id": student.canvas_id if student else "",
        "login": student.student if student else "",
        "lab": result["lab"],
        "status": status,
        "flags": ", ".join(map(str, flags)),
        "parts": parts,
        "automatic": automatic,
        "written": written.get("points"),
        "waiting": ", ".join(waiting),
        "points": points,
        "full": _sum([result.get("full"), written.get("full", 0)]),
        "late_minutes": result.get("late_minutes"),
        "penalty": penalty,
        "final": None if why else max(0, _sum([points, -penalty])),
        "submitted": result.get("submitted"),
        "reason": result.get("reason", ""),
        "why": why,
    }


def write(rows: Iterable[Mapping[str, Any]], format: str, out: Path) -> list[tuple[str, str]]:
    """Write `rows` as csv, canvas or moodle. Returns (student, why) for those without a mark in it.

    Raises ValueError for another format.
    """
    rows, table = list(rows), []
    left_out = [(row["student"], row["why"]) for row in rows if row["why"]]
    lab = next((row["lab"] for row in rows if row["lab"]), "lab")
    full = max((row["full"] for row in rows if row["full"] is not None), default=None)
    settled = [row for row in rows if not row["why"]]
    if format == "csv":
        names = list(dict.fromkeys((name, whole) for row in rows for name, (_, whole) in row["parts"].items()))
        about = ("student", "name", "email", "lab", "status", "flags")
        after = (
            "automatic",
            "written",
            "waiting",
            "points",
            "full",
            "late_minutes",
            "penalty",
            "final",
            "submitted",
            "reason",
            "why",
        )
        table.append([*about, *(f"{name} ({whole})" for name, whole in names), *after])
        for row in rows:
            points = [row["parts"].get(name, (None, None))[0] for name, _ in names]
            table.append([*(row[k] for k in about), *points, *(row[k] for k in after)])
    elif format == "canvas":
        table.append(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", lab])
        table.append(["    Points Possible", "", "", "", "", full])
        for row in settled:
            if row["login"]:
                name = row["name"] if "points possible" not in row["name"].casefold() else ""  # Canvas looks for these
                table.append([name or row["login"], row["canvas_id"], "", row["login"], "", row["final"]])
            else:
                left_out.append((row["student"], "not on the roster, so Canvas cannot know who it is"))
    elif format == "moodle":
        table.append(["Email address", lab, f"{lab} note"])
        for row in settled:
            if row["email"]:
                note = f"{row['late_minutes']} minutes late: {row['penalty']} points less" if row["penalty"] else ""
                table.append([row["email"], row["final"], note])
            else:
                left_out.append((row["student"], "no email on the roster; one unknown student stops Moodle's import"))
    else:
        raise ValueError(f"--format is {format!r}; it can be csv, canvas or moodle.")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([map(_cell, line) for line in table])
    write_whole(Path(out), ("\ufeff" if format == "csv" else "") + text.getvalue())
    return left_out


def _cell(value: Any) -> Any:
    """A value as a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None or isinstance(value, (int, float)):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in str(value))
    return ";".join(f"'{piece}" if _acts(piece) else piece for piece in text.split(";"))  # many an Excel splits there


def _acts(text: str) -> bool:
    """Whether a spreadsheet takes this for a formula, at the beginning of a cell or of what is quoted in one."""
    first = unicodedata.normalize("NFKC", text.lstrip().lstrip('" ')[:1])
    return first != "" and first in "=+-@" and not _is_number(text.strip())


def _is_number(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").replace(".", "", 1).isdigit()


def _sum(values: Iterable[float | None]) -> float | None:
    """The sum, to hundredths; None if one is not known yet."""
    values = list(values)
    return None if None in values else round(sum(values), 2)
