"""What people see of a submission: the notebook for formgrader, and the student's page.

All of it holds what a student wrote and is made in a process with limits (course.grading.apart), which has this module
loaded already. Nothing here asks the gradebook.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook, new_output

from course.html import exporter, inert, plain

CELL, NOTEBOOK = 20_000, 300_000  # characters of a student's that are shown of a cell, of its outputs, and of it all
HTML = exporter()
WITHHELD = "Withheld until a person has looked at this notebook."


def layout(result: dict[str, Any], released: Any, formatted: bool = True) -> tuple[str, dict[str, str]]:
    """The notebook for formgrader, with the student's cells as text and a card under every test; by id, a hash of each
    written answer. A student's Markdown stands as they typed it if not `formatted`.

    What is shown is so small, and written so, that formgrader lays it out in a moment, whatever the student wrote.
    """
    notebook = nbformat.v4.reads(result["executed"])
    lab = {cell.id: cell for cell in released.cells}
    answers = _hashes(notebook, lab)
    withheld = WITHHELD if result["status"] == "tampered" else ""
    room = NOTEBOOK
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}  # else no cell has its own
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if cell.id not in lab or meta.get("solution"):
            shown, note = _cut(cell.source, min(CELL, room))
            room -= len(shown)
            if cell.cell_type == "markdown":
                text = inert(shown, cell.get("attachments")) if formatted else f"<pre>{plain(shown)}</pre>"
                cell.source = text + (f"<p><em>{plain(note)}</em></p>" if note else "")
            else:
                cell.source = shown + (f"\n# {note}" if note else "")
                # IPython's lexer takes quadratic time for a long dotted name, Python's for a long gap.
                cell.metadata["magics_language"] = "text" if re.search(r"\s{500}", shown) else "python3"
        if cell.cell_type != "code":
            continue
        part = meta.get("grade_id", "").removesuffix("-test")
        if meta.get("grade") and part in result["cards"]:
            html, text = result["cards"][part]
            kinds = {
                "text/html": f"{html}<p>{withheld}</p>" if withheld else html,
                "text/plain": f"{text} {withheld}".rstrip(),
            }
            cell.outputs = [new_output("display_data", kinds)]
        else:
            cell.outputs, used = _some(cell.outputs, min(CELL, room))
            room -= used
    if result.get("notes"):
        notes = _cut("; ".join(result["notes"]), CELL)[0]
        notebook.cells.insert(0, new_markdown_cell(f"*{plain(notes)}*", id="grading-notes"))
    return nbformat.v4.writes(notebook), answers


def _cut(text: str, most: int) -> tuple[str, str]:
    """The first `most` characters, and what to say of the rest."""
    left = len(text) - max(0, most)
    return (text, "") if left <= 0 else (text[: max(0, most)], f"[cut: {left:,} more characters are not shown here]")


def _some(outputs: list[Any], most: int) -> tuple[list[Any], int]:
    """The first outputs, of about `most` characters together, and how many those are; pictures do not count."""
    kept, used = [], 0
    for output in outputs:
        data = output.get("data") or output
        name = next((name for name in ("text", "text/plain") if isinstance(data.get(name), str)), None)
        if output.output_type == "error":
            output.traceback = [line[:2000] for line in output.traceback[-20:]]
            note, size = "", sum(map(len, output.traceback))
        elif name:
            data[name], note = _cut(data[name], most - used)
            size = len(data[name])
        else:
            note, size = "", 0
        kept.append(output)
        used += size + 100  # what shows it, too
        if note or used >= most:
            rest = note or "[cut: the other outputs are not shown here]"
            if note or output is not outputs[-1]:
                kept.append(new_output("stream", name="stderr", text=rest))
            break
    return kept, min(used, most)


def _hashes(notebook: Any, lab: Mapping[str, Any]) -> dict[str, str]:
    """By id, the written answers: text and pictures, and cells of their own where the place for it is blank."""
    own = [cell for cell in notebook.cells if cell.cell_type == "markdown" and cell.id not in lab]
    found = {}
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and meta.get("grade") and meta.get("solution"):
            stub = lab[cell.id].source.strip() if cell.id in lab else ""
            what = [cell, *(own if cell.source.strip() in ("", stub) else [])]
            said = json.dumps([[one.source.strip(), one.get("attachments") or {}] for one in what], sort_keys=True)
            found[meta["grade_id"]] = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
    return found


# --- feedback -----------------------------------------------------------------------------------------


def page(
    lab: str,
    result: dict[str, Any],
    released: Any,
    rows: list[dict[str, Any]],
    mark: Mapping[str, Any],
    formatted: bool = True,
) -> str:
    """The page as HTML. `rows` are what `LabGradebook.written` says of the student."""
    notebook = nbformat.v4.reads(layout(result, released, formatted)[0])
    graded = {c.metadata.nbgrader.grade_id for c in released.cells if c.metadata.get("nbgrader", {}).get("grade")}
    by_id = {row["id"]: row for row in rows}
    summary, cells = ["| | points |", "|---|---|"], []
    for cell in notebook.cells:
        if cell.id == "setup":
            continue
        if cell.id == "title":
            cell.source = "\n".join(line for line in cell.source.splitlines() if not line.startswith("[!["))  # badges
        cells.append(cell)
        key = cell.metadata.get("nbgrader", {}).get("grade_id")
        if key not in graded or key not in by_id:
            continue
        row, got = by_id[key], _got(by_id[key])
        summary.append(f"| {key.removesuffix('-test').replace('_', ' ')} | {got} |")
        if row["comment"] or cell.cell_type == "markdown":
            said = f"\n\n{inert(row['comment'])}" if row["comment"] else ""
            cells.append(new_markdown_cell(f"**{got}.**{said}", id=f"mark-{key}"[:64]))
        elif row["manual"] is not None:
            cells.append(new_markdown_cell(f"**{got}**, given by a person.", id=f"mark-{key}"[:64]))
    lead = "\n\n".join([f"**{plain(_total(rows, mark))}**", *map(plain, _more(mark))])
    notebook.cells = [new_markdown_cell(f"{lead}\n\n" + "\n".join(summary), id="grading-points"), *cells]
    notebook.metadata["title"] = f"{lab}: feedback"
    return HTML.from_notebook_node(notebook, {"metadata": {"name": f"{lab}: feedback"}})[0]


def _got(row: Mapping[str, Any]) -> str:
    if row["points"] is None:
        return "not marked yet"
    return f"{row['points']:g} of {row['full']:g}" + (", to be looked at by a person" if row["waits"] else "")


def _total(rows: list[dict[str, Any]], mark: Mapping[str, Any]) -> str:
    """The number that counts: points, minus lateness, as the export has it."""
    known = round(sum(row["points"] or 0 for row in rows), 2)
    final = mark["final"] if mark["final"] is not None else max(0, round(known - mark["penalty"], 2))
    return f"{final:g} of {mark['full']:g} points" + ("" if mark["final"] is not None else " so far")


def _more(mark: Mapping[str, Any]) -> list[str]:
    """What explains the number, a sentence each."""
    said = []
    if mark["penalty"]:
        before = "the points" if mark["points"] is None else f"{mark['points']:g} points"
        said.append(
            f"That is {before} minus {mark['penalty']:g} for handing in {mark['late_minutes']} minutes late, "
            "and never less than 0."
        )
    if mark["why"]:
        said.append(
            "This is not final, because a person has to look at it."
            if mark["status"] != "ok"
            else "Some answers wait to be marked."
        )
    if mark["status"] != "ok" or mark["flags"]:
        status = ", ".join(filter(None, [mark["status"], mark["flags"]]))
        said.append(f"Status: {status}. {mark['reason']}".rstrip())
    return said


def text_page(lab: str, result: dict[str, Any], rows: list[dict[str, Any]], mark: Mapping[str, Any]) -> str:
    """The page of a notebook that takes too long to lay out: everything but the notebook, as text."""
    lines = [_total(rows, mark), *_more(mark), "", *(f"{row['id'].removesuffix('-test')}: {_got(row)}" for row in rows)]
    lines += ["", "Your notebook cannot be shown here. This is what the checks say:", ""]
    lines += [WITHHELD] if result["status"] == "tampered" else []
    lines += [text for _, text in result["cards"].values()]
    lines += [f"\n{row['id']}: {row['comment']}" for row in rows if row["comment"]]
    head = f"<!doctype html><html><head><meta charset=utf-8><title>{escape(lab)}: feedback</title></head>"
    return f"{head}<body><pre style='white-space: pre-wrap'>{escape(chr(10).join(lines))}</pre></body></html>"


# The first page takes the time that its templates and lexers need: here, once.
HTML.from_notebook_node(new_notebook(cells=[new_markdown_cell("*x*"), nbformat.v4.new_code_cell("x = 1")]))
