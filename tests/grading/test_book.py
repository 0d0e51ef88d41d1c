"""What happens after judging: what waits for a person, what people see, what the summary says."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import os
import re
import shutil
import stat
import time
import zipfile

import nbformat
import pytest
from corpus import LAB, solve
from nbformat.v4 import new_markdown_cell, new_output
from rich.console import Console

from course import authoring
from course.grading import apart, book, canonical, execute, export, grader, pages
from course.grading.files import read_json, write_json
from course.html import inert, plain
from helpers import checks

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # a PNG
RIGHT = {"softmax": 3, "attention": 4, "merge": 4, "parameters": 3}


class Room:
    """A class whose results are made here: no kernel runs."""

    def __init__(self, data, **said) -> None:
        self.data, self.said = data, said
        self.room = grader.Classroom(data, LAB, **said)

    def result(self, student="ada", written="My answer.", status="ok", sha="1", points=RIGHT, change=None, **more):
        """What grading would have given for a notebook with this written answer and these points by part."""
        assignment = self.room.assignment
        notebook = solve(assignment)
        cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in notebook.cells}
        cells["written"].source = written
        if change:
            change(notebook, cells)
        loaded = authoring.graded(LAB, 7)
        made = execute.points_of(loaded)
        for part in made["parts"]:
            part["points"] = points.get(part["part"], 0)
        rebuilt = canonical.rebuild(assignment.notebook, notebook)
        made |= {
            "student": student,
            "lab": LAB,
            "status": status,
            "reason": "",
            "flags": [],
            "seed": 1,
            "sent": {},
            "lent": {},
            "notes": [],
            "key": hashlib.sha256(f"{sha}{written}".encode()).hexdigest(),
            "points": sum(points.values()),
            "executed": nbformat.writes(notebook),
            "written": [{"id": "written", "full": 3, "points": None, "empty": not written}],
            "late": {"submitted": "2026-11-30T10:00:00+00:00", "late_minutes": 0, "penalty": 0.0},
            "answers": {k: hashlib.sha256(v.encode()).hexdigest() for k, v in rebuilt.answers.items()},
        }
        return made | more

    def record(self, *results):
        with self.open() as opened:
            for result in results:
                write_json(self.room.spool(result["student"]), result)
                self.room.record(opened, result)

    def open(self):
        return book.LabGradebook.open(self.data, LAB, self.room.assignment.notebook)

    def mark(self, name, points=None, student="ada", comment=None):
        """What a person enters in Formgrader; without points, the button Resolve."""
        with self.open() as opened:
            grade = opened.gradebook.find_grade(name, LAB, LAB, student)
            grade.manual_score, grade.needs_manual_grade = points, False
            if comment:
                opened.gradebook.find_comment(name, LAB, LAB, student).manual_comment = comment
            opened.gradebook.db.commit()

    def rows(self):
        with self.open() as opened:
            return {row["student"]: row for row in export.rows(self.room.results(opened), self.room.roster)}

    def page(self, student="ada"):
        grader.feedback_pages(LAB, self.data)
        return (self.data / "feedback" / student / LAB / f"{LAB}.html").read_text()

    def summary(self, *problems) -> str:
        said = io.StringIO()
        console = Console(file=said, highlight=False, soft_wrap=True, markup=False, emoji=False, width=100)
        grader.summary(self.room, list(problems), console)
        return said.getvalue()


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory):
    """A class's folder with a gradebook in it, which takes seconds to make."""
    room = Room(tmp_path_factory.mktemp("laid-out"))
    with room.open():
        return room.data


@pytest.fixture
def room(tmp_path, laid_out):
    shutil.copytree(laid_out, tmp_path / "class")
    return Room(tmp_path / "class")


# --- what waits for a person --------------------------------------------------------------------------

SHORT = {"softmax": 3, "attention": 4}


@pytest.mark.parametrize("status", ["timeout", "killed"])
def test_a_stopped_submission_is_no_mark_until_a_person_looks(room, status):
    room.record(room.result(status=status, points=SHORT))
    room.mark("written", 2.0)
    row = room.rows()["ada"]
    assert row["final"] is None and row["why"].startswith(status) and row["waiting"] == "merge-test, parameters-test"
    assert {name: points for name, (points, _) in row["parts"].items()} == RIGHT | {"merge": 0, "parameters": 0}
    assert "to be looked at by a person" in room.page() and "9 of 17 points so far" in room.page()
    room.mark("merge-test", 1.5)  # one look is enough
    assert (room.rows()["ada"]["final"], room.rows()["ada"]["why"]) == (10.5, "")


def test_one_of_which_nothing_came_back_can_be_given_points_and_has_a_page(room):
    result = room.result(status="killed", points={}, reason="its process took more than 1,024 MB")
    del result["executed"]
    room.record(result)
    shown = nbformat.read(room.data / "autograded" / "ada" / LAB / f"{LAB}.ipynb", 4)
    graded = [c.metadata.nbgrader.grade_id for c in shown.cells if "nbgrader" in c.metadata]
    assert graded == ["softmax-test", "attention-test", "merge-test", "parameters-test", "written"]
    page = room.page()
    assert "0 of 17 points so far" in page and "1,024 MB" in page and "could not be read" not in page


def test_confirmed_without_points_and_judged_again_it_stays_settled(room):
    result = room.result(status="timeout", points=SHORT)
    room.record(result)
    for name in ("merge-test", "parameters-test", "written"):
        room.mark(name, 0.0 if name == "written" else None)
    assert room.rows()["ada"]["final"] == 7
    room.record(result)
    assert room.rows()["ada"]["final"] == 7
    room.record(room.result(status="timeout", points=SHORT, sha="2"))  # another notebook: to be looked at again
    assert room.rows()["ada"]["final"] is None


def test_a_mark_of_an_earlier_notebook_settles_no_later_one_that_was_stopped(room):
    room.record(room.result())
    room.mark("softmax-test", 2.0)
    room.mark("written", 3.0)
    room.record(room.result(status="killed", points={}, sha="2"))
    assert room.rows()["ada"]["final"] is None and room.rows()["ada"]["why"].startswith("killed")
    room.mark("softmax-test", 1.0)
    assert room.rows()["ada"]["final"] == 4


def test_one_that_is_stopped_when_it_runs_again_waits(room):
    room.record(room.result(key="k"))
    room.mark("written", 3.0)
    assert room.rows()["ada"]["final"] == 17
    room.record(room.result(key="k", status="killed", points={"softmax": 3}))
    assert room.rows()["ada"]["final"] is None


def test_a_result_that_was_not_recorded_has_no_page_and_stops_nobody_elses(room):
    room.record(room.result(), room.result("ben"))
    room.room.receipt("ben").unlink()
    assert [page.parent.parent.name for page in grader.feedback_pages(LAB, room.data)] == ["ada"]


def test_stopped_with_all_points_waits_too(room):
    room.record(room.result(status="killed"))
    room.mark("written", 3.0)
    assert room.rows()["ada"]["final"] is None
    room.mark("merge-test", 4.0)
    assert room.rows()["ada"]["final"] == 17


def test_a_tampered_one_needs_points_for_every_part(room):
    room.record(room.result(status="tampered", points={}))
    room.mark("written", 1.0)
    for name in ("softmax-test", "attention-test", "merge-test"):
        room.mark(name, 1.0)
    assert room.rows()["ada"]["final"] is None
    room.mark("parameters-test", 0.0)
    assert room.rows()["ada"]["final"] == 4


# --- a new notebook -----------------------------------------------------------------------------------


def test_a_new_text_is_marked_again_and_the_old_mark_is_kept_as_a_comment(room):
    room.record(room.result(written="First."))
    room.mark("written", 2.0, comment="Well seen.")
    room.mark("merge-test", 3.0)  # against the machine: this one stays
    room.record(room.result(written="First.", sha="2"))
    assert room.rows()["ada"]["final"] == 3 + 4 + 3 + 3 + 2, "the same text keeps its mark"
    for _ in range(2):  # recorded twice is recorded once
        room.record(room.result(written="Second, and longer.", sha="3"))
    row = room.rows()["ada"]
    assert (row["final"], row["waiting"], row["written"]) == (None, "written", None)
    with room.open() as opened:
        said = {r["id"]: r["comment"] for r in opened.written("ada")}["written"]
    assert said == "Mark of the earlier notebook: 2 of 3. Well seen."
    assert "ada: written is another text than the one that was marked" in room.summary()
    room.mark("written", 3.0)
    assert room.rows()["ada"]["final"] == 3 + 4 + 3 + 3 + 3
    assert "another text" not in room.summary()


def test_it_is_asked_again_after_a_run_that_failed_in_between(room):
    room.record(room.result(written="First."))
    room.mark("written", 2.0)
    nothing = {key: value for key, value in room.result(sha="2").items() if key not in ("executed", "written")}
    room.record(nothing | {"status": "infrastructure"})
    room.record(room.result(written="Second."))
    assert room.rows()["ada"]["waiting"] == "written"


def test_a_picture_or_a_cell_of_their_own_makes_it_another_answer(room):
    def picture(data):
        return lambda notebook, cells: cells["written"].update(attachments={"a.png": {"image/png": data}})

    def own(text):
        def change(notebook, cells):
            notebook.cells.append(new_markdown_cell(text, id="own-1", metadata={"course": "own"}))

        return change

    room.record(room.result(change=picture(PIXEL)))
    room.mark("written", 2.0)
    room.record(room.result(change=picture(PIXEL[:-8] + "AAAAAAA="), sha="2"))
    assert room.rows()["ada"]["waiting"] == "written"
    room.record(room.result("ben", written="", change=own("My text"), written_in="own"))
    room.mark("written", 1.0, "ben")
    room.record(room.result("ben", written="", change=own("Another text"), sha="2"))
    with room.open() as opened:
        assert {r["id"]: r["manual"] for r in opened.written("ben")}["written"] is None


# --- points that changed ------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["part", "written"])
def test_other_points_than_those_of_the_first_time_are_refused_before_anything_is_written(room, where, monkeypatch):
    room.record(room.result())
    if where == "part":
        part = checks.load(LAB).part("attention")
        monkeypatch.setattr(part, "points", {"one sequence": 4, "batches": 1})
        told = "attention of lab90_tiny gives 5 points now, and gave 4 when"
    else:

        def five(self, notebook=grader.Assignment.notebook):
            made = notebook.fget(self)
            next(c for c in made.cells if c.id == "written").metadata.nbgrader.points = 5
            return made

        monkeypatch.setattr(grader.Assignment, "notebook", property(five))
        told = "written of lab90_tiny gives 5 points now, and gave 3 when"
    inbox = room.data.parent / "inbox"
    inbox.mkdir()
    before = {path: path.read_bytes() for path in room.data.rglob("*") if path.is_file()}
    for call in (
        lambda: grader.grade_class(LAB, inbox, room.data, resume=True, unsafe=True, due="2026-12-01"),
        lambda: grader.regrade(LAB, room.data),
        lambda: grader.feedback_pages(LAB, room.data),
        lambda: grader.export_marks(LAB, room.data, "csv", None),
    ):
        with pytest.raises(ValueError, match=f"{told}.*grade into another folder") as said:
            call()
        assert "\n" not in str(said.value)
    after = {path: path.read_bytes() for path in room.data.rglob("*") if path.is_file() and path.name != "grading.lock"}
    assert after == {path: data for path, data in before.items() if path.name != "grading.lock"}


def test_points_moved_within_a_part_are_no_other_points(room, monkeypatch):
    room.record(room.result())
    monkeypatch.setattr(checks.load(LAB).part("softmax"), "points", {"shares": 1, "large scores": 2})
    room.room.refuse_other_points()


# --- one number ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("got", "minus", "final"), [(2.0, 1.7, 14.3), (1.25, 0.333, 14.92), (0.0, 99.0, 0)])
def test_feedback_and_lms_say_one_number(room, got, minus, final):
    late = {"submitted": "2026-11-30T10:00:00+00:00", "late_minutes": 90, "penalty": minus}
    (room.data / "roster.csv").parent.mkdir(exist_ok=True)
    (room.data / "roster.csv").write_text("student,name,email\nada,Ada,ada@x.org\n")
    room.record(room.result(late=late))
    assert f"{max(0, round(14 - minus, 2)):g} of 17 points so far" in room.page()
    room.mark("written", got)
    page = room.page()
    assert f"{final:g} of 17 points" in page and "so far" not in page
    assert f"{14 + got:g} points minus {minus:g} for handing in 90 minutes late" in page
    path, _ = grader.export_marks(LAB, room.data, "moodle", None)
    assert path.read_text().splitlines()[1].split(",")[1] == f"{final:g}"
    path, _ = grader.export_marks(LAB, room.data, "canvas", None)
    assert path.read_text().splitlines()[2].split(",")[-1] == f"{final:g}"


# --- the summary --------------------------------------------------------------------------------------


def test_the_summary_tells_points_mistakes_and_equal_answers(room):
    wrong = room.result("ben", points=RIGHT | {"softmax": 2}, written="[red]his own[/]")
    wrong["parts"][0]["mistake"] = "over everything"
    room.record(room.result(written="Mine."), wrong, room.result("cai", points={}, written="Mine.", reason="[/x]"))
    said = room.summary()
    lines = [line.split() for line in said.splitlines()]
    row = next(line for line in lines if "softmax" in line and "33%" in line)
    assert row[1:-1] == ["softmax", "│", "3", "│", "1.67", "│", "33%"], said
    assert "softmax: over everything (1)" in said
    assert "ada: 14 of 14 (softmax 3, attention 4, merge 4, parameters 3)" in said
    assert "ben: 13 of 14 (softmax 2, attention 4, merge 4, parameters 3)" in said
    equal = said[said.index("Equal answers") :].splitlines()[1:3]
    assert equal == ["  ada = ben = cai: softmax, attention, merge, parameters"] or "ada = cai" in "".join(equal)
    assert any("ada = cai" in line and "written" in line for line in said.splitlines())


def test_untouched_answers_are_not_equal_ones(room):
    def untouched(notebook, cells):
        stubs = {c.id: c.source for c in room.room.assignment.notebook.cells}
        for cell in notebook.cells:
            cell.source = stubs.get(cell.id, cell.source)

    room.record(*(room.result(name, written="", change=untouched) for name in ("ada", "ben")))
    assert "Equal answers" not in room.summary()


def test_one_equal_line_among_four_parts_is_nothing_to_tell(room):
    def other(name):
        def change(notebook, cells):
            for part in ("softmax", "attention", "merge"):
                cells[part].source += f"\n# {name}"

        return change

    room.record(*(room.result(name, written=f"By {name}", change=other(name)) for name in ("ada", "ben", "cai")))
    assert "Equal answers" not in room.summary()


def test_a_large_class_is_told_by_part_only(room, monkeypatch):
    monkeypatch.setattr(grader, "FEW", 1)
    room.record(room.result("ada"), room.result("ben"))
    said = room.summary()
    assert "100%" in said and "14 of 14" not in said


@pytest.mark.parametrize(
    "odd", ["[/x]", "[black on black]x", "[link=http://127.0.0.1:9/]x[/link]", ":smile:", "\x1b[2J"]
)
def test_what_students_call_things_is_no_markup(room, odd):
    problem = type("Problem", (), {"where": f"{odd}/a.ipynb", "reason": odd})
    room.record(room.result(status="timeout", flags=[f"flag {odd}"], reason=f"reason {odd}"))
    said = room.summary(problem)
    shown = odd.replace("\x1b", "\\x1b")
    assert f"flag {shown}" in said and f"reason {shown}" in said and f"not read: {shown}/a.ipynb: {shown}" in said
    assert "\x1b" not in said


# --- what is shown ------------------------------------------------------------------------------------

SHOWN = [
    (r"$a < b$", r"<mi>a</mi><mo>&#x0003C;</mo><mi>b</mi>"),
    (r"$$\begin{aligned} a &< b \\ c &= d\end{aligned}$$", r"<mtd columnalign=\"left\"><mi /><mo>&#x0003C;</mo>"),
    (r"\begin{equation}a<b\end{equation}", r"<mo>&#x0003C;</mo>"),
    (r"$f[0](x)$", r"<mo stretchy=\"false\">\]</mo><mo stretchy=\"false\">&#x00028;</mo>"),
    ("`if a < b: x[0](y)`", re.escape(f"<code>{plain('if a < b: x[0](y)')}</code>")),
    ("```python\nif a < b:\n\n    x[0](y) & z\n```", re.escape(plain("if a < b:\n\n    x[0](y) & z"))),
    ("5 < 6 & 7", "5 &#60; 6 &#38; 7"),
    ("a &lt; b", "a &#60; b"),
    ("**bold** and *slanted*\n\n- one\n- two", "<strong>bold</strong> and <em>slanted</em>.*<ul> <li>one</li>"),
    ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>"),
]


@pytest.mark.parametrize(("markdown", "wanted"), SHOWN)
def test_a_text_shows_as_it_was_written(markdown, wanted):
    """In both readers: the page of a student, and nbconvert's own that formgrader uses."""
    from bs4 import BeautifulSoup
    from nbconvert.filters import markdown2html

    shown = inert(markdown)
    assert "\n" not in shown and re.search(wanted, shown), shown
    assert markdown2html(shown).strip() == shown.strip(), "read as Markdown, it is the same again"
    notebook = nbformat.v4.new_notebook(cells=[new_markdown_cell(shown)])
    assert str(BeautifulSoup(shown, "html.parser")) in pages.HTML.from_notebook_node(notebook)[0]


ACTS = [
    "[a](javascript:x)",
    "![a](http://127.0.0.1/x.png)",
    "<img src=x onerror=y>",
    "<http://127.0.0.1>",
    "https://a.org/x",
    "[a][b]\n\n[b]: javascript:x",
    "![a][b]\n\n[b]: data:image/png;base64,AAAA",
    r"$\text{<img src=x onerror=y>}$",
    r"$\href{javascript:x}{y}$",
    r"$\style{position:fixed}{x}$",
    "```{=html}\n<script>x</script>\n```",
    "```mermaid\n<b>x</b>\n```",
    "# <script>x</script>",
    "| <b>a</b> |\n|---|\n| <i>b</i> |",
    "&lt;script&gt;",
    "![x](attachment:no.png)",
    "![x](attachment:s.svg)",
    '![" onerror=x a="](attachment:a.png)',
    "$<script>x</script>$",
    "\\<script>",
    "`<script>`",
    "<!-- x -->",
    "<![CDATA[<script>]]>",
    "\n\n\n<script>\n\nx</script>",
    "<div>\n\n<script>",
    "$$\n<script>\n\n</script>\n$$",
    "a\\\n<b>x</b>",
    "<a href='x",
    "![x](attachment:q.png)",
]


@pytest.mark.parametrize("markdown", ACTS)
def test_nothing_of_a_text_acts_in_either_reader(markdown):
    from html.parser import HTMLParser

    from nbconvert.filters import markdown2html

    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, dict(attrs)))

    attached = {"a.png": {"image/png": PIXEL}, "s.svg": {"image/svg+xml": "PHN2Zz4="}, "q.png": {"image/png": 'x" y="'}}
    Reader().feed(markdown2html(inert(markdown, attached)))
    ours = {
        "div",
        "p",
        "h1",
        "pre",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "math",
        "mrow",
        "mi",
        "mo",
        "mtext",
        "mspace",
        "mn",
        "img",
        "br",
        "em",
        "strong",
    }
    assert {tag for tag, _ in found} <= ours
    for tag, attributes in found:
        assert not {name for name in attributes if name.startswith("on")} | {*attributes} & {"href", "style", "class"}
        assert tag != "img" or (attributes["src"] == f"data:image/png;base64,{PIXEL}" and "a.png" in markdown)


def test_pictures_of_an_answer_are_shown(room):
    jpeg = base64.b64encode(b"\xff\xd8\xff\xe0 a picture").decode()

    def attach(notebook, cells):
        cells[
            "written"
        ].source = "See ![my plot](attachment:my%20plot.png) and ![x](attachment:b.jpg) ![](attachment:no)"
        cells["written"]["attachments"] = {"my plot.png": {"image/png": PIXEL}, "b.jpg": {"image/jpeg": jpeg}}

    room.record(room.result(change=attach))
    shown = nbformat.read(room.data / "autograded" / "ada" / LAB / f"{LAB}.ipynb", 4)
    source = next(c.source for c in shown.cells if c.id == "written")
    for place in (source, room.page()):
        found = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall("<img [^>]*>", place)]
        assert {"src": f"data:image/png;base64,{PIXEL}", "alt": "my plot"} in found
        assert {"src": f"data:image/jpeg;base64,{jpeg}", "alt": "x"} in found
        assert place.count('src="data:image/jpeg') == 1


# --- a page of bounded size, in bounded time --------------------------------------------------------------

LONG = {
    "spaces": "# a" + " " * 150_000 + "b",
    "brackets": "[" * 150_000,
    "lines": "word\n" * 30_000,
    "formulas": "$a$ " * 30_000,
}
LONG_CODE = {"names": "a." * 80_000, "gaps": " \n" * 80_000, "quotes": "'''\n" * 40_000, "lines": "x = 1\n" * 30_000}


def formgrader(path) -> str:
    """What formgrader makes of a notebook, with nbconvert's own filters."""
    from nbconvert import HTMLExporter

    return HTMLExporter(template_name="classic").from_filename(str(path))[0]


@pytest.mark.parametrize("kind", [*LONG, *LONG_CODE])
def test_a_long_cell_is_cut_and_says_so_in_formgrader_and_feedback(room, kind):
    def change(notebook, cells):
        if kind in LONG_CODE:
            cells["merge"].source = LONG_CODE[kind]
        for number in range(3):
            notebook.cells.append(new_markdown_cell(LONG.get(kind, "x"), id=f"own-{number}"))

    room.record(room.result(written=LONG.get(kind, "x"), change=change))
    began = time.process_time()
    page = formgrader(room.data / "autograded" / "ada" / LAB / f"{LAB}.ipynb")
    took = time.process_time() - began
    assert took < 15, "it has one thread for everybody who marks"  # a bound for busy machines
    for shown in (page, room.page()):
        assert re.search(r"cut(&#58;|:) 1[0-9]{2}(,|&#44;)[0-9]{3} more characters are not shown here", shown)
        assert "3 of 3 points on different inputs" in shown or "points on different inputs" in shown, (
            "the cards are there"
        )
        assert len(shown) < 6_000_000


def test_many_cells_are_cut_together(room):
    def change(notebook, cells):
        notebook.cells += [new_markdown_cell(f"text {number} " * 1_500, id=f"own-{number}") for number in range(60)]
        for cell in notebook.cells:
            if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade"):
                cell.outputs = [new_output("stream", name="stdout", text=f"{n}\n") for n in range(5_000)]

    room.record(room.result(change=change))
    shown = nbformat.read(room.data / "autograded" / "ada" / LAB / f"{LAB}.ipynb", 4)
    texts = "".join(c.source for c in shown.cells) + json.dumps([c.get("outputs") for c in shown.cells])
    assert len(texts) < 900_000 and "other outputs are not shown" in texts
    assert max(len(c.get("outputs", [])) for c in shown.cells) <= 202
    assert len(shown.cells) >= 60 and shown.cells[-1].source.count("cut") == 1


def test_a_page_that_takes_too_long_is_given_as_text(room, monkeypatch):
    room.record(room.result())
    room.mark("written", 2.0, comment="Well seen <b>.")

    def ends(*_, **__):
        raise apart.Ended("cpu", "it took more than 20 s")

    monkeypatch.setattr(book.apart, "run", ends)
    page = room.page()
    assert "16 of 17 points" in page and "softmax: 3 of 3" in page and "Well seen &lt;b&gt;." in page
    assert "cannot be shown" in page and "Content-Security-Policy" in page
    room.record(room.result(sha="2"))
    assert "cannot be shown" in (room.data / "autograded" / "ada" / LAB / f"{LAB}.ipynb").read_text()
    assert read_json(room.room.receipt("ada"))["receipt"]["points"] == 14


def test_what_takes_too_long_is_shown_without_its_formats(room, monkeypatch):
    def slow(markdown, attachments=None):
        raise RecursionError

    monkeypatch.setattr(pages, "inert", slow)
    monkeypatch.setattr(book.apart, "run", lambda function, *arguments, bounds: _here(function, arguments))
    room.record(room.result(written="My **answer**"))
    shown = nbformat.read(room.data / "autograded" / "ada" / LAB / f"{LAB}.ipynb", 4)
    assert next(c.source for c in shown.cells if c.id == "written") == f"<pre>{plain('My **answer**')}</pre>"


def _here(function, arguments):
    try:
        return function(*arguments)
    except RecursionError as error:
        raise RuntimeError(str(error)) from None


# --- files --------------------------------------------------------------------------------------------


def test_the_zip_for_an_lms_calls_pages_as_their_files_were_called(room):
    names = {
        "ada": "Ada Lovelace_40172_assignsubmission_file_/lab90_tiny.ipynb",
        "ben": "all/Group B-Ben_O'Neil_40173_assignsubmission_file_/x/lab90_tiny.ipynb",
        "cai": "caili_LATE_1201_5530_lab90_tiny-1.ipynb",
        "dee": "dee/lab90_tiny.ipynb",
        "eve": "Eve_40175_assignsubmission_onlinetext_lab90_tiny.zip/lab90_tiny.ipynb",
        "flo": "lab02_2026_11_30/Flo_40176_assignsubmission_file_/x.zip!y_1_2_z/lab90_tiny.ipynb",
    }
    room.record(*(room.result(student) for student in names))
    write_json(room.room.folder / "received.json", [[{"student": s, "original": o} for s, o in names.items()], {}])
    path, left_out = grader.feedback_zip(LAB, room.data, grader.feedback_pages(LAB, room.data))
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == [
            "Ada Lovelace_40172_assignsubmission_file_/lab90_tiny-feedback.html",
            "Eve_40175_assignsubmission_onlinetext_/lab90_tiny-feedback.html",
            "Flo_40176_assignsubmission_file_/lab90_tiny-feedback.html",
            "Group B-Ben_O'Neil_40173_assignsubmission_file_/lab90_tiny-feedback.html",
            "caili_LATE_1201_5530_lab90_tiny-feedback.html",
        ]
        assert b"of 17 points" in archive.read("caili_LATE_1201_5530_lab90_tiny-feedback.html")
    assert left_out == ["dee"]


@pytest.mark.parametrize("command", ["feedback", "export", "regrade"])
def test_files_about_students_are_for_their_owner_only(room, command):
    from test_grader import course

    room.record(room.result())
    there = {*room.data.rglob("*")}
    (room.data / "gradebook.db").chmod(0o644)  # of an earlier time: it stays as it is
    old = os.umask(0o022)
    try:
        course(command, LAB, "--data", room.data, *(["--zip"] if command == "feedback" else []))
    finally:
        os.umask(old)
    made = {*room.data.rglob("*")} - there
    assert made, "something is written"
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


# --- one student again --------------------------------------------------------------------------------


def test_one_student_is_run_again_and_no_other(room, monkeypatch):
    asked = []

    def run(todo, *_):
        asked.append([task.student for task in todo])
        return (result for result in ())

    monkeypatch.setattr(grader, "_run", run)
    inbox = room.data.parent / "inbox"
    for student in ("ada", "ben", "cai"):
        (inbox / student).mkdir(parents=True)
        (inbox / student / f"{LAB}.ipynb").write_text(nbformat.writes(solve(room.room.assignment)))
    room.record(room.result("ada"))
    grader.grade_class(LAB, inbox, room.data, resume=True, unsafe=True, student="ada")
    grader.grade_class(LAB, inbox, room.data, resume=True, unsafe=True)
    assert asked == [["ada"], ["ada", "ben", "cai"]]
    with pytest.raises(ValueError, match=r"holds no submission of 'dee'.*ada, ben, cai"):
        grader.grade_class(LAB, inbox, room.data, resume=True, unsafe=True, student="dee")
    assert len(asked) == 2


def handed_in(room, *students):
    """An inbox in which these students have the solved lab."""
    inbox = room.data.parent / "inbox"
    for student in students:
        (inbox / student).mkdir(parents=True)
        (inbox / student / f"{LAB}.ipynb").write_text(nbformat.writes(solve(room.room.assignment)))
    return inbox


@pytest.fixture
def asked(room, monkeypatch):
    """What would run, and with how many seconds; what comes of it is `come`."""
    seen, come = [], {}

    def run(todo, *_):
        seen.append([(task.student, task.options.timeout) for task in todo])
        for task in todo:
            yield task, task.finish(room.result(task.student) | come.get(task.student, {}))

    monkeypatch.setattr(grader, "_run", run)
    return seen, come


def test_what_is_said_for_one_student_is_not_said_for_the_class(room, asked):
    inbox = handed_in(room, "ada", "ben")
    seen, come = asked
    come["ada"] = {"status": "timeout"}
    grade = functools.partial(grader.grade_class, LAB, inbox, room.data, unsafe=True)
    grade()
    grade(resume=True, student="ada", timeout=1200)
    grade(resume=True)
    assert seen == [[("ada", 600), ("ben", 600)], [("ada", 1200)], []]
    grade(resume=True, timeout=1500)  # who was stopped may take more now
    assert seen[-1] == [("ada", 1500)]


def test_a_command_that_fails_changes_no_setting(room, asked):
    inbox = handed_in(room, "ada")
    grader.grade_class(LAB, inbox, room.data, unsafe=True)
    before = (room.room.folder / "settings.json").read_text()
    with pytest.raises(ValueError):
        grader.grade_class(LAB, inbox / "nowhere", room.data, resume=True, unsafe=True, timeout=30, late_penalty=10.0)
    assert (room.room.folder / "settings.json").read_text() == before


def test_a_later_inbox_and_a_file_that_cannot_be_read_take_nothing_away(room, asked, capsys):
    _, come = asked
    inbox = handed_in(room, "ada", "ben")
    grader.grade_class(LAB, inbox, room.data, unsafe=True)
    shutil.rmtree(inbox / "ben")
    (inbox / "ada" / f"{LAB}.ipynb").write_text("no notebook")
    come["ada"] = {"status": "unreadable", "reason": "the file is not JSON"}
    grader.grade_class(LAB, inbox, room.data, resume=True, unsafe=True)
    assert "The result of the file before it stands" in capsys.readouterr().out
    assert read_json(room.room.receipt("ada"))["receipt"]["status"] == "ok"
    assert [one["student"] for one in read_json(room.room.folder / "received.json")[0]] == ["ada", "ben"]


def test_an_extension_for_a_lab_that_is_none_is_named(room, asked, capsys):
    (room.data / "extensions.csv").write_text("student,lab,until\nada,lab2,2026-12-07\nada,LAB90,2026-12-08\n")
    grader.grade_class(LAB, handed_in(room, "ada"), room.data, unsafe=True, due="2026-11-01")
    said = capsys.readouterr().out
    assert "name 'lab2', which is not a lab's name" in said and "lab90" not in said.partition("Found in")[0]
    assert read_json(room.room.receipt("ada"))["receipt"]["late"]["late_minutes"] == 0
