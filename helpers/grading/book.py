"""What people look at: nbgrader's gradebook and formgrader for marking, and a feedback page per student.

A class's folder is also a folder of nbgrader's: gradebook.db, source/, autograded/, nbgrader_config.py. Nothing of a
student's is ever executed or sent to a browser as HTML from here.
"""

from __future__ import annotations

import datetime
import os
import re
import sysconfig
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from helpers.authoring import html as pages
from helpers.grading.files import write

CONFIG = """# Written by `course grade`. Start `jupyter lab` in this folder and open Formgrader to mark written answers.
c = get_config()
c.CourseDirectory.root = "."
c.CourseDirectory.db_url = "sqlite:///gradebook.db"
"""

# Whatever got through all that went before: a browser runs no script and loads nothing.
NO_SCRIPTS = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
    "style-src 'unsafe-inline'; font-src data:\">"
)
TEX_THAT_ACTS = re.compile(r"\\(?=(href|bbox|require|style|class|cssId|html\w*|includegraphics|url)\b)")


class Book:
    """The gradebook of a class, open for one lab. Use as `with Book.open(data, lab, released, source) as book`."""

    def __init__(self, gradebook: Any, data: Path, lab: str, released: Any) -> None:
        self.gradebook, self.data, self.lab, self.released = gradebook, data, lab, released

    @classmethod
    @contextmanager
    def open(cls, data: Path, lab: str, released: Any, due: datetime.datetime | None = None) -> Iterator[Book]:
        """Lay the lab out in the gradebook where it is not there yet. Raises ValueError when its cells have changed."""
        from nbgrader.api import Gradebook

        write(data / "nbgrader_config.py", CONFIG)
        path = os.environ.get("PATH", "")
        os.environ["PATH"] = os.pathsep.join(
            [sysconfig.get_path("scripts"), path]
        )  # nbgrader calls the command alembic
        try:
            gradebook = Gradebook(f"sqlite:///{data / 'gradebook.db'}")
        finally:
            os.environ["PATH"] = path
        with gradebook, warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Object of type <Submitted")  # nbgrader's own order of things
            book = cls(gradebook, data, lab, released)
            book._lay_out(due)
            yield book

    def _lay_out(self, due: datetime.datetime | None) -> None:
        import nbformat

        lab, gradebook = self.lab, self.gradebook
        known = {a.name: {n.name for n in a.notebooks} for a in gradebook.assignments}
        cells = {c.metadata.nbgrader.grade_id: c for c in self.released.cells if c.metadata.get("nbgrader")}
        graded = {key for key, cell in cells.items() if cell.metadata.nbgrader.grade}
        if lab in known.get(lab, ()):
            there = {cell.name for cell in gradebook.find_notebook(lab, lab).grade_cells}
            if there != graded:
                raise ValueError(
                    f"The gradebook in {self.data} holds {lab} with other cells ({', '.join(sorted(there ^ graded))}). "
                    "Grade the changed lab into another folder, or take the lab out of the gradebook first."
                )
        when = {"duedate": due.astimezone(datetime.UTC).replace(tzinfo=None)} if due else {}  # else it stays
        gradebook.update_or_create_assignment(lab, **when)
        gradebook.update_or_create_notebook(lab, lab, kernelspec="{}")
        for key, cell in cells.items():
            meta = cell.metadata.nbgrader
            if meta.grade:
                gradebook.update_or_create_grade_cell(key, lab, lab, max_score=meta.points, cell_type=cell.cell_type)
            if meta.solution:
                gradebook.update_or_create_solution_cell(key, lab, lab)
            gradebook.update_or_create_source_cell(
                key, lab, lab, cell_type=cell.cell_type, locked=meta.locked, source=cell.source,
                checksum=meta.get("checksum"))  # fmt: skip
        write(self.data / "source" / lab / f"{lab}.ipynb", nbformat.writes(self.released))

    def record(self, student: str, result: dict[str, Any], submitted: str | None, penalty: float, **about: Any) -> None:
        """Marks of one student, in one transaction; twice the same is once. What a person entered stays.

        `about` are the student's name and e-mail address. Points of a tampered submission wait for a person.
        """
        gradebook, lab = self.gradebook, self.lab
        gradebook.update_or_create_student(student, **{key: value for key, value in about.items() if value})
        stamp = submitted and datetime.datetime.fromisoformat(submitted).astimezone(datetime.UTC).replace(tzinfo=None)
        submission = gradebook.update_or_create_submission(lab, student, timestamp=stamp)
        notebook = submission.notebooks[0]
        points = {f"{p['part']}-test": p["points"] for p in result["parts"]}
        empty = {w["id"] for w in result.get("written", []) if w["empty"]}
        read = result["status"] != "unreadable"
        for grade in notebook.grades:
            written = grade.name not in points
            automatic = (0.0 if not read or grade.name in empty else None) if written else float(points[grade.name])
            grade.auto_score = None if result["status"] in ("tampered", "infrastructure") else automatic
            grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
        for comment in notebook.comments:
            comment.auto_comment = "No response." if comment.name in empty else None
        notebook.late_submission_penalty = penalty or None
        gradebook.db.commit()
        if "executed" in result:
            path = self.data / "autograded" / student / lab / f"{lab}.ipynb"
            write(path, autograded(result, self.released))

    def written(self, student: str) -> list[dict[str, Any]]:
        """What a person has marked, or must: id, points (None while it waits), full, comment."""
        from nbgrader.api import MissingEntry

        try:
            notebook = self.gradebook.find_submission_notebook(self.lab, self.lab, student)
        except MissingEntry:
            return []
        said = {comment.name: comment.comment for comment in notebook.comments}
        return [
            {"id": grade.name, "points": None if grade.needs_manual_grade else grade.score,
             "full": grade.max_score, "manual": grade.manual_score, "comment": said.get(grade.name)}
            for grade in notebook.grades
        ]  # fmt: skip


def autograded(result: dict[str, Any], released: Any) -> str:
    """The notebook for formgrader and feedback: the student's cells as text, a card under every test."""
    import nbformat
    from nbformat.v4 import new_output

    notebook = nbformat.reads(result["executed"], as_version=4)
    lab = {c.id for c in released.cells}
    withheld = "Withheld until a person has looked at this notebook." if result["status"] == "tampered" else ""
    for cell in notebook.cells:
        theirs = cell.id not in lab or cell.metadata.get("nbgrader", {}).get("solution")
        if cell.cell_type == "markdown" and theirs:
            cell.source = inert(cell.source)
        part = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-test")
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade") and part in result["cards"]:
            html, text = result["cards"][part]
            shown = {
                "text/html": f"{html}<p>{withheld}</p>" if withheld else html,
                "text/plain": f"{text} {withheld}".rstrip(),
            }
            cell.outputs = [new_output("display_data", shown)]
    if result.get("notes"):
        notes = "; ".join(result["notes"])
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"*{inert(notes)}*", id="grading-notes"))
    return nbformat.writes(notebook)


def inert(markdown: str) -> str:
    """A student's Markdown that shows as they wrote it, but holds no HTML, no link and no picture from elsewhere."""
    text = markdown.replace("&", "&amp;").replace("<", "&lt;")
    # An entity and no backslash: the student's own backslash before it would undo that one.
    return re.sub(r"\](?=\s*[(:\[])", "&#93;", TEX_THAT_ACTS.sub(r"\\\\ ", text))


def feedback(book: Book, student: str, result: dict[str, Any], page_for: str) -> Path:
    """Write the feedback page of one student: points, what the checks say, comments. `page_for` names the folder."""
    import nbformat
    from nbformat.v4 import new_markdown_cell

    path = book.data / "feedback" / page_for / book.lab / f"{book.lab}.html"
    notebook = nbformat.reads(autograded(result, book.released), as_version=4)
    rows = {row["id"]: row for row in book.written(student)}
    released = {
        c.metadata.nbgrader.grade_id for c in book.released.cells if c.metadata.get("nbgrader", {}).get("grade")
    }
    summary, total, waiting = ["| | points |", "|---|---|"], 0.0, False
    cells = []
    for cell in notebook.cells:
        if cell.id == "setup":
            continue
        if cell.id == "title":
            cell.source = "\n".join(line for line in cell.source.splitlines() if not line.startswith("[!["))  # badges
        cells.append(cell)
        key = cell.metadata.get("nbgrader", {}).get("grade_id")
        if key not in released or key not in rows:
            continue
        row = rows[key]
        got = "not marked yet" if row["points"] is None else f"{row['points']:g} of {row['full']:g}"
        total, waiting = total + (row["points"] or 0), waiting or row["points"] is None
        summary.append(f"| {key.removesuffix('-test').replace('_', ' ')} | {got} |")
        if row["comment"] or cell.cell_type == "markdown":
            said = f" {inert(row['comment'])}" if row["comment"] else ""
            cells.append(new_markdown_cell(f"**{got}.**{said}", id=f"mark-{key}"[:64]))
        elif row["manual"] is not None:
            cells.append(new_markdown_cell(f"**{got}**, given by a person.", id=f"mark-{key}"[:64]))
    notebook.cells = cells
    full = sum(row["full"] for row in rows.values())
    lead = f"**{total:g} of {full:g} points**" + (" so far; some answers wait to be marked." if waiting else ".")
    if (late := result.get("late") or {}).get("penalty"):
        lead += f"\n\nHanded in {late['late_minutes']} minutes late: up to {late['penalty']:g} points less."
    if result["status"] not in ("ok",) or result.get("flags"):
        flags = "".join(f", {inert(flag)}" for flag in result.get("flags", []))
        lead += f"\n\nStatus: {result['status']}{flags}. {inert(result.get('reason', ''))}"
    notebook.cells.insert(0, new_markdown_cell(f"{lead}\n\n" + "\n".join(summary), id="grading-points"))
    notebook.metadata["title"] = f"{book.lab}: feedback"
    body, _ = pages.exporter().from_notebook_node(notebook, {"metadata": {"name": f"{book.lab}: feedback"}})
    write(path, body.replace("<head>", f"<head>{NO_SCRIPTS}", 1))
    return path


def unreadable_page(book: Book, page_for: str, reason: str) -> Path:
    path = book.data / "feedback" / page_for / book.lab / f"{book.lab}.html"
    text = f"<!doctype html><meta charset=utf-8><title>{escape(book.lab)}</title><p>Your file could not be read: "
    write(path, f"{text}{escape(reason)}. Ask for the way to hand it in again.</p>")
    return path
