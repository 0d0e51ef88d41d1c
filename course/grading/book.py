"""What people look at: nbgrader's gradebook and formgrader for marking, and a feedback page per student.

A class's folder is also a folder of nbgrader's: gradebook.db, source/, autograded/, nbgrader_config.py. Nothing of a
student's is ever executed or sent to a browser as HTML from here.
"""

from __future__ import annotations

import datetime
import os
import sysconfig
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from course.grading import apart
from helpers.runtime import write_whole

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
BOUNDS = apart.Bounds(cpu_s=20, wall_s=120)  # to lay out a notebook; an honest one takes less than a second
STOPPED = ("timeout", "killed")  # points stand, but are no mark until a person has looked
NOWHERE = "not in the gradebook"
AGAIN = "Mark of the earlier notebook"  # begins the comment of an answer that is another one since it was marked


class LabGradebook:
    """The gradebook of a class, open for one lab: `with LabGradebook.open(data, lab, released) as book`."""

    def __init__(self, gradebook: Any, data: Path, lab: str, released: Any) -> None:
        self.gradebook, self.data, self.lab, self.released = gradebook, data, lab, released

    @classmethod
    @contextmanager
    def open(cls, data: Path, lab: str, released: Any, due: datetime.datetime | None = None) -> Iterator[LabGradebook]:
        """Lay the lab out in the gradebook where it is not there yet. Raises ValueError when its cells have changed."""
        from nbgrader.api import Gradebook

        write_whole(data / "nbgrader_config.py", CONFIG)
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
            then = {cell.name: cell.max_score for cell in gradebook.find_notebook(lab, lab).grade_cells}
            now = {key: cells[key].metadata.nbgrader.points for key in graded}
            if changed := sorted(key for key in then if then[key] != now[key]):
                raise ValueError(
                    f"{changed[0]} of {lab} gives {now[changed[0]]:g} points now, and {then[changed[0]]:g} in the "
                    f"gradebook in {self.data}: grade into another folder."
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
                key,
                lab,
                lab,
                cell_type=cell.cell_type,
                locked=meta.locked,
                source=cell.source,
                checksum=meta.get("checksum"),
            )
        write_whole(self.data / "source" / lab / f"{lab}.ipynb", nbformat.writes(self.released))

    def record(
        self,
        student: str,
        result: dict[str, Any],
        submitted: str | None,
        penalty: float,
        before: Mapping[str, Any] | None = None,
        **about: Any,
    ) -> dict[str, str]:
        """Marks of one student, in one transaction; twice the same is once. What a person entered stays.

        But not the mark of a written answer that is another one now: it becomes part of the comment, and the answer
        waits again. `before` is what was recorded last: `same`, whether of this very submission, and `written`, the
        hashes of its written answers, which come back for the new one. `about` are the student's name and e-mail
        address. Points of a tampered submission wait for a person, and a stopped one has parts to look at.
        """
        gradebook, lab, before = self.gradebook, self.lab, before or {}
        notebook, answers = self._shown(result)
        gradebook.update_or_create_student(student, **{key: value for key, value in about.items() if value})
        stamp = submitted and datetime.datetime.fromisoformat(submitted).astimezone(datetime.UTC).replace(tzinfo=None)
        submission = gradebook.update_or_create_submission(lab, student, timestamp=stamp)
        recorded = submission.notebooks[0]
        points = {f"{p['part']}-test": p["points"] for p in result["parts"]}
        short = [f"{p['part']}-test" for p in result["parts"] if p["points"] < p["full"]] or [*points]
        look = set(short) if result["status"].split()[0] in STOPPED else set()
        empty = {w["id"] for w in result.get("written", []) if w["empty"]}
        read = result["status"] != "unreadable"
        comments = {comment.name: comment for comment in recorded.comments}
        for grade in recorded.grades:
            written = grade.name not in points
            automatic = (0.0 if not read or grade.name in empty else None) if written else float(points[grade.name])
            grade.auto_score = None if result["status"] in ("tampered", "infrastructure") else automatic
            was = before.get("written", {}).get(grade.name)
            if was and grade.manual_score is not None and answers.get(grade.name, was) != was:
                mark = f"{AGAIN}: {grade.score:g} of {grade.max_score:g}."
                comments[grade.name].manual_comment = f"{mark} {comments[grade.name].manual_comment or ''}".strip()
                grade.manual_score = grade.extra_credit = None
            seen = before.get("same") and not grade.needs_manual_grade
            grade.needs_manual_grade = grade.manual_score is None and (
                grade.auto_score is None or (grade.name in look and not seen)
            )
        for comment in recorded.comments:
            comment.auto_comment = "No response." if comment.name in empty else None
        recorded.late_submission_penalty = penalty or None
        gradebook.db.commit()
        if notebook is not None:
            write_whole(self.data / "autograded" / student / lab / f"{lab}.ipynb", notebook)
        return answers or dict(before.get("written", {}))

    def _shown(self, result: dict[str, Any]) -> tuple[str | None, dict[str, str]]:
        """The notebook for formgrader, and the hashes of its written answers."""
        if "executed" not in result:  # a stopped one can be given points all the same
            return _nothing_to_show(self.released) if result["status"].split()[0] in STOPPED else None, {}
        shown = _apart("layout", _to_show(result), self.released)
        return shown or (_nothing_to_show(self.released), {})

    def written(self, student: str) -> list[dict[str, Any]]:
        """What a person has marked, or must: id, points (None where there are none yet), full, comment, waits."""
        from nbgrader.api import MissingEntry

        try:
            notebook = self.gradebook.find_submission_notebook(self.lab, self.lab, student)
        except MissingEntry:
            return []
        comments = {comment.name: comment.comment for comment in notebook.comments}
        return [
            {
                "id": grade.name,
                "points": grade.score if {grade.manual_score, grade.auto_score} != {None} else None,
                "full": grade.max_score,
                "manual": grade.manual_score,
                "comment": comments.get(grade.name),
                "waits": grade.needs_manual_grade,
            }
            for grade in notebook.grades
        ]


# --- what people look at ------------------------------------------------------------------------------


def _pages(name: str, *arguments: Any) -> Any:
    """A function of course.grading.pages: to load that takes a while, and the process with limits has done it."""
    from course.grading import pages

    return getattr(pages, name)(*arguments)


def _apart(name: str, *arguments: Any) -> Any | None:
    """`name(*arguments, formatted)` of course.grading.pages, in a process with limits; without formats if that ends;
    else None."""
    for formatted in (True, False):
        try:
            return apart.run(_pages, name, *arguments, formatted, bounds=BOUNDS)
        except (apart.Ended, ValueError, RuntimeError):
            continue
    return None


def autograded(result: dict[str, Any], released: Any) -> str:
    """The notebook for formgrader and feedback: the student's cells as text, a card under every test."""
    return _pages("layout", result, released)[0]


def _to_show(result: dict[str, Any]) -> dict[str, Any]:
    return {key: result[key] for key in ("executed", "cards", "status", "notes") if key in result}


def _nothing_to_show(released: Any) -> str:
    import nbformat

    cells = [nbformat.v4.new_markdown_cell("This notebook cannot be shown. Open the file in `received`.", id="cut")]
    cells += [cell.copy() for cell in released.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=dict(released.metadata)))


def feedback(book: LabGradebook, student: str, result: dict[str, Any], page_for: str, mark: Mapping[str, Any]) -> Path:
    """Write the feedback page of one student: points, what the checks say, comments. `page_for` names the folder.

    `mark` is the student's row of the export, so that page and export say one number.
    """
    path = book.data / "feedback" / page_for / book.lab / f"{book.lab}.html"
    rows = book.written(student)
    body = _apart("page", book.lab, _to_show(result), book.released, rows, mark)
    body = body or _pages("text_page", book.lab, result, rows, mark)
    write_whole(path, body.replace("<head>", f"<head>{NO_SCRIPTS}", 1))
    return path


def unreadable_page(book: LabGradebook, page_for: str, reason: str) -> Path:
    path = book.data / "feedback" / page_for / book.lab / f"{book.lab}.html"
    text = f"<!doctype html><meta charset=utf-8><title>{escape(book.lab)}</title><p>Your file could not be read: "
    write_whole(path, f"{text}{escape(reason)}. Ask how to hand it in again.</p>")
    return path
