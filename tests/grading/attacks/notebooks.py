"""In the notebook's own data: ids, flags, tags, metadata and the order of cells."""

from __future__ import annotations

import copy

from corpus import FULL, MERGE, RIGHT, answered, cell, define, hand_in, insert, solved, submit
from nbformat.v4 import new_code_cell

from attacks import attack


@attack("ok", MERGE)
def skip_execution_tags(lab, folder):
    """Tags every cell skip-execution, hide, raises-exception: a test that is not run would count as passed."""
    notebook = answered(lab)
    for c in notebook.cells:
        c.metadata["tags"] = ["skip-execution", "raises-exception", "remove_cell", "nbval-skip", "parameters"]
    hand_in(folder, notebook)


@attack("ok", MERGE)
def flipped_flags(lab, folder):
    """Points 1000, no test graded, everything a solution, nothing locked, a schema of the future, checksums kept."""
    notebook = answered(lab)
    for c in notebook.cells:
        if "nbgrader" in c.metadata:
            c.metadata.nbgrader |= {
                "points": 1000,
                "grade": not c.metadata.nbgrader.grade,
                "locked": False,
                "solution": True,
                "task": True,
                "schema_version": 99,
            }
    hand_in(folder, notebook)


@attack("ok", MERGE)
def edited_tests(lab, folder):
    """Every test and every locked cell replaced by `pass`, and by an expression that gives full points."""
    notebook = answered(lab)
    for c in notebook.cells:
        if c.id.endswith("-test"):
            c.source = "4.0"
        elif c.cell_type == "code" and c.id in ("start", "setup", "progress"):
            c.source += "\nchecks.points = lambda *_: 4.0"
    hand_in(folder, notebook)


@attack("ok", MERGE)
def deleted_tests(lab, folder):
    """All tests and questions are gone."""
    notebook = answered(lab)
    notebook.cells = [c for c in notebook.cells if not c.id.endswith(("-test", "-question"))]
    hand_in(folder, notebook)


@attack("ok", MERGE)
def copied_cells(lab, folder):
    """Every cell twice, with the same id and the same grade_id: nbgrader gives up the whole class."""
    notebook = answered(lab)
    notebook.cells = [copy.deepcopy(c) for c in notebook.cells for _ in range(2)]
    hand_in(folder, notebook)


@attack("ok", MERGE)
def copied_tests_with_points(lab, folder):
    """A test of its own under the id of the real one, before and after it, with a thousand points."""
    notebook = answered(lab)
    for part in ("softmax", "attention", "parameters"):
        fake = new_code_cell(
            "1000.0", id=f"{part}-test", metadata=copy.deepcopy(cell(notebook, f"{part}-test").metadata)
        )
        fake.metadata.nbgrader.points = 1000
        notebook.cells.insert(notebook.cells.index(cell(notebook, part)), fake)
        notebook.cells.append(copy.deepcopy(fake))
    hand_in(folder, notebook)


@attack("ok", MERGE)
def look_alike_ids(lab, folder):
    """Cells whose ids look like those of the lab: Cyrillic letters, full width, zero width, other normal forms."""
    notebook = answered(lab)
    for number, name in enumerate(
        ("\u0455oftmax", "softmax\u200b", "\uff53oftmax", "softmax-test\u00ad", "me\u0433ge", " merge")
    ):
        made = insert(notebook, "raise RuntimeError('a cell nobody asked for')", "start")
        made["id"] = f"look-{number}"
        made.metadata["nbgrader"] = dict(cell(notebook, "softmax-test").metadata.nbgrader) | {
            "grade_id": name,
            "points": 99,
        }
    hand_in(folder, notebook)


@attack("ok", MERGE)
def unknown_ids(lab, folder):
    """Grade cells that the lab does not have, and ids that are numbers, lists, null, paths or a megabyte long."""
    notebook = answered(lab)
    for name in ("bonus", 5, None, ["softmax"], {"a": 1}, "../../gradebook", "x" * 1_000_000, "", True):
        made = insert(notebook, "100.0", "start")
        made.metadata["nbgrader"] = dict(cell(notebook, "softmax-test").metadata.nbgrader) | {
            "grade_id": name,
            "points": 100,
        }
    hand_in(folder, notebook)


@attack("ok", MERGE)
def answers_under_other_ids(lab, folder):
    """The right `merge` stands under the id of softmax and poses as attention and parameters too."""
    notebook = answered(lab, ())
    cell(notebook, "softmax").source = RIGHT["merge"]
    cell(notebook, "attention").source = "attention = merge"
    cell(notebook, "merge").source = "softmax = merge"
    cell(notebook, "parameters").source = "parameters = merge"
    hand_in(folder, notebook)


@attack("ok", MERGE)
def ids_of_another_lab(lab, folder):
    """Says that it is another lab, whose cells it carries: there, its answers would be right."""
    notebook = answered(lab)
    notebook.metadata |= {
        "lab": "lab02_attention",
        "points": {"core": 100, "stretch": 100},
        "kernelspec": {"name": "ir"},
    }
    for name in ("masks", "split_heads", "written_numbers-test"):
        made = insert(notebook, "100.0", "start")
        made.metadata["nbgrader"] = dict(cell(notebook, "softmax-test").metadata.nbgrader) | {
            "grade_id": name,
            "points": 99,
        }
    hand_in(folder, notebook)


@attack("ok", MERGE)
def kernels_and_languages(lab, folder):
    """The notebook's metadata choose another kernel, another language, a start-up command and a path."""
    notebook = answered(lab)
    notebook.metadata |= {
        "kernelspec": {"name": "../../evil", "display_name": "", "argv": ["sh", "-c", "true"]},
        "language_info": {"name": "bash", "file_extension": ".sh", "nbconvert_exporter": "script"},
        "jupytext": {"text_representation": 5},
        "widgets": {"x": [5]},
        "title": "<script>1</script>",
        "papermill": 5,
        "authors": [{"name": 5}],
    }
    hand_in(folder, notebook)


@attack("ok unreadable", MERGE)
def odd_metadata(lab, folder):
    """Metadata, outputs and counts of the wrong type throughout: numbers for lists, lists for objects."""
    notebook = answered(lab)
    for number, c in enumerate(notebook.cells):
        if c.cell_type == "code":
            c["outputs"] = (5, [5], {"a": 1}, [{"output_type": "magic"}], None)[number % 5]
            c["execution_count"] = ("many", -1, 1e999, [], None)[number % 5]
        if "nbgrader" not in c.metadata:
            c["metadata"] = (5, [], None, "x")[number % 4]
        elif c.id.endswith("-question"):
            c["metadata"]["nbgrader"] = ([], "x", 5)[number % 3]
    hand_in(folder, notebook)


@attack("ok", MERGE)
def redefined_later(lab, folder):
    """A right answer that a cell further down replaces by a wrong one: the last one counts."""
    notebook = answered(lab, softmax=RIGHT["softmax"])
    insert(notebook, "def softmax(scores):\n    return scores", "progress")
    hand_in(folder, notebook)


@attack("ok", {"merge": 4})
def answer_in_a_test(lab, folder):
    """Right answers written into tests, questions and other locked cells, whose changes are thrown away."""
    notebook = answered(lab)
    cell(notebook, "softmax-test").source = RIGHT["softmax"]
    cell(notebook, "parameters-test").source = RIGHT["parameters"]
    hand_in(folder, notebook)


@attack("ok", {})
def syntax_for_the_rebuilder(lab, folder):
    """Answers that no parser likes: ten thousand brackets, a NUL, a tab war, half a string, a coding cookie."""
    submit(
        lab,
        folder,
        (),
        softmax="softmax = " + "(" * 10_000 + ")" * 10_000,
        attention="# -*- coding: rot13 -*-\x00\nqrs",
        merge="def merge(tokens, pair):\n\tif 1:\n        return tokens",
        parameters='parameters = "',
        last="x = " + "-" * 50_000 + "1",
    )


@attack("ok", FULL)
def honest_with_a_thousand_outputs(lab, folder):
    """Everything is right; the file carries 15 MB of stored outputs, which count for nothing."""
    notebook = solved(lab)
    cell(notebook, "start")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 15_000_000}]
    hand_in(folder, notebook)


@attack("ok", {"softmax": 0, "attention": 4, "merge": 4})
def library_behind_a_name(lab, folder):
    """The forbidden library behind an alias, a partial, a dict and a class: refused where the names can be followed."""
    hide = """
        import functools
        from scipy.special import softmax as made
        hidden = {'x': functools.partial(made, axis=-1)}
    """
    submit(
        lab,
        folder,
        ("merge", "attention"),
        first=hide,
        softmax=define("softmax", "from scipy import special\nreturn special.softmax(scores, axis=-1)"),
    )
