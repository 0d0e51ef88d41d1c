"""Notebooks that passed through other tools and many hands: cells lost, moved, renamed, and outputs of all kinds."""

from __future__ import annotations

import json

from corpus import FULL, LAB, RIGHT, WRITTEN, answered, cell, hand_in, insert, solved
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from honest import honest


@honest("ok", FULL)
def extra_cells_everywhere(lab, folder):
    """Notes, experiments and empty cells between all others."""
    notebook = solved(lab)
    for number, name in enumerate([c.id for c in notebook.cells]):
        insert(notebook, f"x_{number} = {number}\nx_{number} * 2", name)
        insert(notebook, f"Note {number}", name, "markdown")
        insert(notebook, "", name)
    hand_in(folder, notebook)


@honest("ok", FULL)
def failing_cell_in_the_middle(lab, folder):
    """An experiment that fails, left in the middle, and a cell that is no Python."""
    notebook = solved(lab)
    insert(notebook, "softmax('what happens with text?')", "softmax-test")
    insert(notebook, "TODO: ask about this", "attention-test")
    hand_in(folder, notebook)


@honest("ok", FULL)
def deleted_tests(lab, folder):
    """All tests, questions and the progress line were deleted by accident."""
    notebook = solved(lab)
    notebook.cells = [c for c in notebook.cells if not c.id.endswith(("-test", "-question")) and c.id != "progress"]
    hand_in(folder, notebook)


@honest("ok", FULL)
def deleted_imports(lab, folder):
    """The cell with the imports was deleted; numpy is imported in a cell of one's own."""
    notebook = solved(lab)
    notebook.cells.remove(cell(notebook, "start"))
    insert(notebook, "import numpy as np\nimport math", "title")
    hand_in(folder, notebook)


@honest("ok", FULL)
def reordered_cells(lab, folder):
    """The parts in another order, the later ones first."""
    notebook = solved(lab)
    head, rest = notebook.cells[:3], notebook.cells[3:]
    notebook.cells = head + rest[::-1]
    hand_in(folder, notebook)


@honest("ok", FULL)
def edited_questions(lab, folder):
    """Remarks written into the questions and a changed title."""
    notebook = solved(lab)
    for name in ("title", "softmax-question", "merge-question"):
        cell(notebook, name).source += "\n\n**My remark:** this took me long."
    hand_in(folder, notebook)


@honest("ok", FULL)
def saved_by_colab(lab, folder):
    """Colab moved the ids into metadata, dropped nbgrader's, added its own, a minor version 0, and widget state."""
    notebook = json.loads(json.dumps(solved(lab)))
    for number, c in enumerate(notebook["cells"]):
        c["metadata"] = {
            "id": f"aB{number:02}cDeFgHiJk",
            "colab": {"base_uri": "https://localhost:8080/"},
            "outputId": "5e7f3b7c-8b0e-4b7e-f2a4",
            "executionInfo": {"elapsed": 5},
        }
        c.pop("id")
        if c["cell_type"] == "code":
            c["execution_count"] = number
            c["outputs"] = [
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {
                        "text/plain": ["HBox()"],
                        "application/vnd.jupyter.widget-view+json": {"model_id": "x", "version_major": 2},
                    },
                }
            ]
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {
        "colab": {"provenance": [], "gpuType": "T4", "toc_visible": True},
        "accelerator": "GPU",
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"x": {"model_name": "HBoxModel", "state": {}}}},
    }
    hand_in(folder, notebook)


@honest("ok", FULL)
def saved_by_colab_with_ids(lab, folder):
    """Colab kept nbgrader's metadata and moved each id into the metadata."""
    notebook = json.loads(json.dumps(solved(lab)))
    for c in notebook["cells"]:
        c["metadata"]["id"] = c.pop("id")
    notebook["nbformat_minor"] = 0
    hand_in(folder, notebook)


@honest("ok", FULL)
def without_cell_ids(lab, folder):
    """nbformat 4.2: no cell has an id, nbgrader's metadata are there."""
    notebook = json.loads(json.dumps(solved(lab)))
    for c in notebook["cells"]:
        c.pop("id")
    notebook["nbformat_minor"] = 2
    hand_in(folder, notebook)


@honest("ok", FULL)
def renamed_cell_ids(lab, folder):
    """Every cell has a new random id; nbgrader's metadata are there."""
    notebook = solved(lab)
    for number, c in enumerate(notebook.cells):
        c["id"] = f"{number:08x}"
    hand_in(folder, notebook)


@honest("ok", FULL)
def neither_ids_nor_metadata(lab, folder):
    """Copied by hand into a new notebook: only sources and kinds of cells are left, and the questions not even that."""
    cells = [
        {"cell_type": c.cell_type, "metadata": {}, "source": c.source}
        | ({"outputs": [], "execution_count": None} if c.cell_type == "code" else {})
        for c in solved(lab).cells
        if c.id != "title"
    ]
    hand_in(folder, {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})


@honest("ok", FULL)
def saved_by_vs_code(lab, folder):
    """VS Code: vscode metadata with languageId, the full path of an interpreter, sources as lists of lines."""
    notebook = json.loads(json.dumps(solved(lab)))
    for c in notebook["cells"]:
        c["metadata"]["vscode"] = {"languageId": "python" if c["cell_type"] == "code" else "markdown"}
        c["source"] = c["source"].splitlines(keepends=True)
    notebook["metadata"]["kernelspec"] = {
        "display_name": ".venv (3.12.3)",
        "language": "python",
        "name": "my-own-kernel",
    }
    notebook["metadata"]["language_info"] |= {"version": "3.12.3", "pygments_lexer": "ipython3"}
    hand_in(folder, notebook)


@honest("ok", FULL)
def windows_file(lab, folder):
    """A byte order mark, carriage returns in the file and in the cells' sources."""
    notebook = solved(lab)
    for c in notebook.cells:
        c.source = c.source.replace("\n", "\r\n")
    path = hand_in(folder, notebook)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))


@honest("ok", FULL)
def browser_copy(lab, folder):
    """Downloaded twice: the browser called it `NAME (1).ipynb`."""
    hand_in(folder, solved(lab), f"{LAB} (1).ipynb")


@honest("ok", FULL)
def figures(lab, folder):
    """%matplotlib inline, big figures, a heat map with 250,000 cells, figures closed and left open."""
    notebook = solved(lab)
    insert(
        notebook,
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n"
        "plt.figure(figsize=(14, 14), dpi=150)\nplt.imshow(np.hypot(*np.mgrid[:500, :500]));",
        "start",
    )
    insert(notebook, "plt.plot(softmax(np.arange(50.0)))\nplt.show()\nfig, axes = plt.subplots(2, 2)", "softmax-test")
    hand_in(folder, notebook)


@honest("ok", FULL)
def floods_within_the_cap(lab, folder):
    """Half a million characters of prints: much, but allowed."""
    notebook = solved(lab)
    insert(notebook, "for i in range(5_000):\n    print('x' * 99)", "start")
    hand_in(folder, notebook)


@honest("ok", FULL, flags=("output cut",))
def floods_beyond_the_cap(lab, folder):
    """A print in a loop that was forgotten: 5 MB; the rest is cut, the points stay."""
    notebook = solved(lab)
    insert(notebook, "for i in range(50_000):\n    print('x' * 99)", "start")
    hand_in(folder, notebook)


@honest("ok", FULL)
def asks_for_input(lab, folder):
    """input() and getpass in cells of one's own: nobody is there to answer."""
    notebook = solved(lab)
    insert(notebook, "name = input('Your name? ')", "start")
    insert(notebook, "import getpass\ngetpass.getpass()", "start")
    hand_in(folder, notebook)


@honest("ok", FULL)
def magics(lab, folder):
    """%timeit, %%time, %who, !echo, a question mark, a trailing semicolon."""
    notebook = solved(lab)
    insert(notebook, "%timeit -n 5 -r 2 softmax(np.zeros(3))", "softmax-test")
    insert(notebook, "%%time\nattention(np.eye(2), np.eye(2), np.eye(2));", "attention-test")
    insert(notebook, "%who\n!echo hello\nsoftmax?", "attention-test")
    hand_in(folder, notebook)


@honest("ok", FULL)
def a_library_that_is_not_there(lab, folder):
    """Imports something that is not installed here, in a cell of its own."""
    notebook = solved(lab)
    insert(notebook, "import a_library_that_nobody_has\nimport torch_geometric_of_tomorrow", "start")
    hand_in(folder, notebook)


@honest("ok", FULL)
def stored_outputs_and_errors(lab, folder):
    """Outputs of an older run are stored: errors, streams, a picture; counts out of order."""
    notebook = solved(lab)
    for number, c in enumerate(notebook.cells):
        if c.cell_type == "code":
            c.execution_count = 100 - number
            c.outputs = [
                new_output("error", ename="NameError", evalue="'np' is not defined", traceback=["\x1b[31mx"]),
                new_output("stream", name="stderr", text="warning\n"),
            ]
    hand_in(folder, notebook)


@honest("ok", FULL)
def check_called_often(lab, folder):
    """Calls the check in cells of its own, reads its result, and asks for progress again and again."""
    notebook = solved(lab)
    insert(
        notebook,
        "for _ in range(3):\n    check.softmax(softmax)\ncheck.progress()\nprint(check, dir(check))",
        "softmax-test",
    )
    insert(notebook, "check.nothing_of_this_name(softmax)", "softmax-test")
    hand_in(folder, notebook)


@honest("ok", FULL)
def two_tries_of_one_part(lab, folder):
    """A first try, kept in a cell of its own before the answer, and the answer copied below with its id."""
    notebook = solved(lab)
    insert(notebook, "def softmax(scores):\n    return scores  # first try", "start")
    twin = new_code_cell(RIGHT["softmax"], id="softmax-again", metadata=dict(cell(notebook, "softmax").metadata))
    notebook.cells.insert(notebook.cells.index(cell(notebook, "softmax-test")), twin)
    hand_in(folder, notebook)


@honest("ok", FULL | {"parameters": 0})
def written_answer_empty(lab, folder):
    """No number and no written answer; everything else is right."""
    hand_in(folder, answered(lab, ("softmax", "attention", "merge"), written=""))


@honest("ok", FULL)
def long_written_answer(lab, folder):
    """Headings, a table, formulas, code and a quotation in the written answer."""
    hand_in(
        folder,
        solved(
            lab,
            written=(
                f"## Answer\n\n{WRITTEN}\n\n| d_k | variance |\n|---|---|\n| 4 | 4 |\n\n$$\\sigma^2 = d_k$$\n\n"
                "`scores / np.sqrt(d_k)`\n\n> as said\n\n" + "Very long. " * 2000
            ),
        ),
    )


# --- cells that became something else -------------------------------------------------------------------


def retyped(notebook, name, make):
    """The cell `name` as another type, with its text and its metadata, as one key in JupyterLab does it."""
    at = notebook.cells.index(cell(notebook, name))
    old = notebook.cells[at]
    notebook.cells[at] = make(old.source, id=old.id, metadata=dict(old.metadata))


@honest("ok", FULL)
def an_answer_turned_to_markdown(lab, folder):
    """The key m was pressed on the cell of the first answer."""
    notebook = solved(lab)
    retyped(notebook, "softmax", new_markdown_cell)
    hand_in(folder, notebook)


@honest("ok", FULL)
def an_answer_turned_to_raw(lab, folder):
    """The key r was pressed on two answers, and the ids were lost."""
    notebook = solved(lab)
    retyped(notebook, "softmax", new_raw_cell)
    retyped(notebook, "merge", new_raw_cell)
    for c in notebook.cells:
        c["metadata"] = {}
        c["id"] = f"x{c['id']}"[:60]
    hand_in(folder, notebook)


@honest("ok", FULL)
def a_written_answer_turned_to_code(lab, folder):
    """The key y was pressed on the written answer."""
    notebook = solved(lab)
    retyped(notebook, "written", new_code_cell)
    hand_in(folder, notebook)


@honest("ok", FULL)
def notes_beside_the_answer(lab, folder):
    """The cell of an answer was copied and made Markdown, to keep an old try as a note; the answer stands below."""
    notebook = solved(lab)
    old = new_markdown_cell("def softmax(x):\n    return x", metadata=dict(cell(notebook, "softmax").metadata))
    notebook.cells.insert(notebook.cells.index(cell(notebook, "softmax")), old)
    hand_in(folder, notebook)


def twice(lab, first, second):
    """The cell of softmax and its copy below, as the clipboard makes it: the same metadata."""
    notebook = solved(lab, softmax=first)
    there = cell(notebook, "softmax")
    twin = new_code_cell(second, id="softmax-again", metadata=dict(there.metadata))
    notebook.cells.insert(notebook.cells.index(there) + 1, twin)
    return notebook


STUB = "def softmax(scores):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


@honest("ok", FULL)
def the_work_above_the_copied_stub(lab, folder):
    """The cell was copied before the work began; the copy below was left as it was."""
    hand_in(folder, twice(lab, RIGHT["softmax"], STUB))


@honest("ok", FULL)
def the_work_below_the_copied_stub(lab, folder):
    """The cell was copied, and the work was done in the copy."""
    hand_in(folder, twice(lab, STUB.replace("    # YOUR CODE HERE\n", ""), RIGHT["softmax"]))


NOTHING = "no answer was changed: is it the right file?"


@honest("ok", {}, flags=["the notebook says that it is 'lab01_tokenization'", NOTHING])
def another_lab_under_this_name(lab, folder):
    """The notebook of another lab, saved under the name of this one."""
    notebook = answered(lab, ())
    notebook.metadata["lab"] = "lab01_tokenization"
    notebook.cells = [new_code_cell("def pair_counts(words):\n    return {}", id="pair_counts")]
    hand_in(folder, notebook)


@honest("ok", {}, flags=[NOTHING])
def an_empty_notebook(lab, folder):
    """Nothing is in it."""
    notebook = answered(lab, ())
    notebook.cells = []
    hand_in(folder, notebook)
