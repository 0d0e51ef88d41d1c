"""Each rule of `course lint` passes a clean notebook and catches the fault planted for it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from course import colab, lint, places
from helpers.show import LIVE_VIEW

ALT = "The softmax of scaled scores stays soft, that of raw scores is nearly one-hot."
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def code(cell_id, source, *outputs, count=None, tags=()):
    cell = nbformat.v4.new_code_cell(source, id=cell_id, outputs=list(outputs), execution_count=count)
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def figure(alt=ALT):
    return nbformat.v4.new_output("display_data", {"image/png": PNG, "text/plain": alt})


def printed(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def caption(alt=ALT):
    return nbformat.v4.new_output("display_data", {"text/markdown": f"*{alt}*", "text/plain": "<Markdown>"})


@pytest.fixture
def path(course):
    return course / "notebooks" / "02_clean.ipynb"


@pytest.fixture
def clean(course, path):
    """A small notebook in which nothing is wrong."""
    title = colab.with_badge(
        f"# 02 · Clean\n{colab.MARKER}\n\nSee [numbers](#2-numbers-1) and [the other](02_clean.ipynb).",
        colab.badge_line(path, course, *colab.configured(course)),
    )
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": dict(places.KERNELSPEC), "language_info": dict(places.LANGUAGE_INFO)}
    )
    questions = course / "helpers" / "assets" / "quizzes"
    questions.mkdir(parents=True)
    shutil.copy(Path(__file__).resolve().parents[1] / "quiz.toml", questions / "02.toml")
    notebook.cells = [
        nbformat.v4.new_markdown_cell(title, id="title"),
        code("setup", colab.setup_cell(*colab.configured(course)), count=1),
        code("parameters", 'PROFILE = "auto"', count=2, tags=["parameters"]),
        nbformat.v4.new_markdown_cell('## 2 Numbers 1\n```bash\npip install "x>=1"\n```', id="numbers"),
        code("start", "from helpers import quiz", count=3),
        code("quiz-before", 'quiz.before("02")', count=4),
        code("draw", "1 + 1", printed("two"), figure(), caption(), count=5),
        code("quiz-after", 'quiz.after("02")', count=6),
    ]
    return notebook


def findings(notebook, path: Path) -> list[str]:
    path.write_text(json.dumps(notebook), encoding="utf-8")
    broken = lint.unreadable(path)
    return [broken] if broken else [f"{f.cell}: {f.message}" for f in lint.lint_notebook(path, path.parents[1])]


def test_a_clean_notebook_passes(clean, path):
    assert findings(clean, path) == []


def last(notebook):
    """The last cell before the quiz."""
    return notebook.cells[-2]


def at(notebook, cell_id):
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def live_view():
    return nbformat.v4.new_output("display_data", {LIVE_VIEW: {"model_id": "1"}, "text/plain": "x"})


FAULTS = {
    "an old format": (lambda n: n.update(nbformat_minor=4), "not 4.5"),
    "not a valid notebook": (lambda n: last(n).update(outputs=[{"output_type": "song"}]), "not a valid notebook"),
    "a missing id": (lambda n: last(n).pop("id"), "has no id"),
    "an id twice": (lambda n: last(n).update(id="title"), "two cells have this id"),
    "an id with capitals": (lambda n: last(n).update(id="Draw_It"), "readable slug"),
    "a made-up id": (lambda n: last(n).update(id="a1b2c3d4"), "readable slug"),
    "another kernel": (lambda n: n.metadata.kernelspec.update(name="course-cpu"), "metadata.kernelspec"),
    "a full language_info": (lambda n: n.metadata.language_info.update(version="3.11"), "language_info"),
    "widget state": (lambda n: n.metadata.update(widgets={}), "metadata.widgets"),
    "papermill metadata": (lambda n: n.metadata.update(papermill={}), "metadata.papermill"),
    "papermill metadata in a cell": (lambda n: last(n).metadata.update(papermill={}), "metadata.papermill"),
    "timestamps": (lambda n: last(n).metadata.update(execution={"iopub.execute_input": "2026"}), "metadata.execution"),
    "an injected cell": (lambda n: last(n).metadata.update(tags=["injected-parameters"]), "papermill's own cell"),
    "a transient field": (lambda n: last(n).outputs[0].update(transient={}), "transient"),
    "a cell never run": (lambda n: last(n).update(execution_count=None), "was not executed"),
    "cells run out of order": (lambda n: last(n).update(execution_count=7), "as number 7"),
    "an error": (lambda n: last(n).outputs.append(nbformat.v4.new_output("error", ename="ValueError")), "is an error"),
    "a warning": (lambda n: last(n).outputs[0].update(name="stderr"), "a warning"),
    "a Linux path": (lambda n: last(n).outputs[0].update(text="in /home/ada/course"), "/home/ada"),
    "a macOS path": (lambda n: last(n).outputs[0].update(text="'/Users/ada/x'"), "/Users/ada"),
    "a Windows path": (lambda n: last(n).outputs[0].update(text="C:\\Users\\ada"), "C:\\\\Users"),
    "a path in HTML": (lambda n: last(n).outputs[2].data.update({"text/html": "<b>/tmp/x</b>"}), "/tmp/x"),
    "an address": (lambda n: last(n).outputs[0].update(text="<f at 0x7f00aa00bb>"), "memory address"),
    "many lines": (lambda n: [c.update(source="x = 1\n" * 6) for c in n.cells[2:] if c.cell_type == "code"], "median"),
    "a huge cell": (lambda n: n.cells.extend(code(f"big-{i}", "y = 1\n" * 26) for i in range(2)), "90th percentile"),
    "no sentence": (lambda n: last(n).outputs[1].data.update({"text/plain": "<Figure size 640x480>"}), "no sentence"),
    "too short a sentence": (lambda n: last(n).outputs[1].data.update({"text/plain": "A plot."}), "no sentence"),
    "no caption": (lambda n: last(n).outputs.pop(), "is not under it"),
    "cuda called": (lambda n: last(n).update(source="model.cuda()"), "hard-coded"),
    "cuda moved to": (lambda n: last(n).update(source='model.to("cuda:0")'), "hard-coded"),
    "cuda as argument": (lambda n: last(n).update(source="f(device='cuda')"), "hard-coded"),
    "cuda in fenced code": (lambda n: n.cells[3].update(source="```python\nm.to('cuda')\n```"), "hard-coded"),
    "bare pip": (lambda n: n.cells[3].update(source="`pip install datasets>=4`"), "quotes around datasets>=4"),
    "bare extras": (lambda n: n.cells[3].update(source="    pip install -e .[lab]"), "quotes around .[lab]"),
    "a dead link": (lambda n: n.cells[3].update(source="[x](03_gone.ipynb)\n## 2 Numbers 1"), "leads nowhere"),
    "a dead picture": (lambda n: n.cells[3].update(source="<img src='gone.png'>\n## 2 Numbers 1"), "leads nowhere"),
    "a dead anchor": (lambda n: n.cells[3].update(source="## Renamed"), "#2-numbers-1"),
    "a skip": (lambda n: last(n).update(source="# NBVAL_SKIP\n1"), "without a reason"),
    "a skip by tag": (lambda n: last(n).metadata.update(tags=["nbval-skip"]), "without a reason"),
    "no parameter cell": (lambda n: n.cells[2].metadata.clear(), "tag parameters"),
    "a stream in pieces": (lambda n: at(n, "draw").outputs.insert(0, printed("one")), "in pieces"),
    "a stored live view": (lambda n: at(n, "quiz-after").outputs.append(live_view()), "a live view"),
    "no quiz": (lambda n: n.cells.remove(at(n, "quiz-before")), 'quiz.before("02") is called 0 times'),
    "a quiz twice": (lambda n: last(n).update(source="quiz.after('02')"), 'quiz.after("02") is called 2 times'),
    "another lesson's quiz": (lambda n: at(n, "quiz-after").update(source='quiz.after("04")'), "questions of '04'"),
    "a late quiz": (
        lambda n: n.cells.insert(5, nbformat.v4.new_markdown_cell("## 1. On", id="on")),
        "after the opening",
    ),
    "a quiz before the start": (lambda n: n.cells.insert(1, n.cells.pop(5)), "after the opening"),
    "a citation": (
        lambda n: n.cells[3].update(source="As Ba et al. (2016).\n## 2 Numbers 1"),
        "Ba et al. (2016) has no link",
    ),
    "two authors": (
        lambda n: n.cells[3].update(source="(Press and Wolf 2017)\n## 2 Numbers 1"),
        "Wolf 2017 has no link",
    ),
    "a book to look for": (
        lambda n: n.cells[0].update(source=n.cells[0].source + "\n## Further reading\n\n- Ba: *LN.*"),
        "reading without",
    ),
    "an early quiz": (lambda n: n.cells.insert(-2, n.cells.pop()), "not in the last code cell"),
    "another set-up": (lambda n: n.cells[1].update(source="!pip install it"), "the set-up cell differs"),
    "no set-up": (lambda n: n.cells.pop(1), "there is no cell 'setup'"),
    "another badge": (lambda n: n.cells[0].update(source=n.cells[0].source.replace("main", "v9")), "the badge differs"),
    "no badge": (lambda n: n.cells[0].update(source="# Title"), "there is no cell 'title'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault, clean, path):
    plant, message = FAULTS[fault]
    plant(clean)
    assert any(message in finding for finding in findings(clean, path)), findings(clean, path)


@pytest.mark.parametrize(
    "source",
    [
        "# NBVAL_SKIP\n# Reason: the time of day differs\n1",
        'model.to(run.device)\nshow("cuda is one of the devices")',
    ],
)
def test_right_code_is_left_alone(source, clean, path):
    last(clean).source = source
    assert findings(clean, path) == []


@pytest.mark.parametrize(
    "text", ["and/or /home", "https://example.org/home/x", "the ratio 3/tmp/4", "~/.cache", "at 0x"]
)
def test_what_only_looks_like_a_path(text, clean, path):
    last(clean).outputs[0].text = text
    assert findings(clean, path) == []


def test_a_lesson_has_questions_and_they_are_valid(clean, path, course):
    questions = course / "helpers" / "assets" / "quizzes" / "02.toml"
    questions.write_text(questions.read_text("utf-8").replace("right = true", "right = false", 1), encoding="utf-8")
    assert ["02.toml, question 'heads-are-copies', before: 0 options are right" in f for f in findings(clean, path)]
    assert len(findings(clean, path)) == 1
    questions.unlink()
    assert findings(clean, path) == [": the lesson has no questions: write helpers/assets/quizzes/02.toml"]
    unnumbered = path.with_name("more.ipynb")
    clean.cells = [cell for cell in clean.cells if "quiz" not in cell.id]
    assert not any("quiz" in finding for finding in findings(clean, unnumbered))


def test_the_minutes_of_a_lesson_are_those_of_its_length(clean, path):
    clean.cells[0].source += "\n\n**It takes** about 15 minutes."  # two quizzes, and next to nothing else
    assert findings(clean, path) == []
    clean.cells.insert(-1, nbformat.v4.new_markdown_cell("word " * 3600, id="long"))  # 20 minutes
    assert findings(clean, path) == ["title: about 15 minutes, it says; by words, code and figures about 35"]


def test_a_mistake_may_be_shown_on_purpose(clean, path):
    last(clean).source = "with runtime.fails(AssertionError):\n    model.cuda()"
    assert len(findings(clean, path)) == 1
    last(clean).metadata["tags"] = [lint.ALLOW]
    assert findings(clean, path) == []


def test_a_file_that_is_no_notebook(path):
    path.write_text("{", encoding="utf-8")
    assert lint.lint([str(path)])[0][0].startswith("notebooks/02_clean.ipynb: cannot be read as a notebook")


FOREIGN = {
    "a cell without source": (lambda n: n["cells"][1].pop("source"), "cell 2 has no source"),
    "a source that is a number": (lambda n: n["cells"][1].update(source=3), "cell 2 has no source, or one that"),
    "metadata that are text": (
        lambda n: n["cells"][0].update(metadata="x"),
        "cell 1 has no metadata, or some that are not",
    ),
    "no metadata": (lambda n: n["cells"][0].pop("metadata"), "cell 1 has no metadata"),
    "the notebook's metadata": (lambda n: n.update(metadata="x"), "its metadata are not an object"),
    "no cell_type": (lambda n: n["cells"][0].pop("cell_type"), "cell 1 has no cell_type"),
    "a cell that is text": (lambda n: n["cells"].insert(0, "x"), "cell 1 is not an object"),
    "tags that are numbers": (lambda n: n["cells"][0]["metadata"].update(tags=[1]), "cell 1 has tags that"),
    "an id that is a number": (lambda n: n["cells"][0].update(id=7), "cell 1 has an id that is not text"),
    "outputs that are text": (lambda n: n["cells"][1].update(outputs="x"), "cell 2 has outputs that no kernel"),
    "an output without text": (
        lambda n: n["cells"][1].update(outputs=[{"output_type": "stream"}]),
        "cell 2 has outputs",
    ),
    "no cells": (lambda n: n.pop("cells"), "it has no list of cells"),
    "nbformat 3": (
        lambda n: n.update(nbformat=3, worksheets=[], cells=None),
        "jupyter nbconvert --to notebook --inplace",
    ),
}


@pytest.mark.parametrize("name", [*FOREIGN, "not JSON", "not UTF-8", "a list"])
@pytest.mark.parametrize("fix", [False, True])
def test_a_notebook_of_somebody_else_is_one_line_and_the_others_are_read(name, fix, clean, path, capsys):
    findings(clean, path)
    other = path.with_name("other notebook.ipynb")
    file = json.loads(path.read_text("utf-8"))
    if name in FOREIGN:
        FOREIGN[name][0](file)
    plain = {"not JSON": b"<html>", "not UTF-8": b'{"cells": "\xff"}', "a list": b"[]"}
    other.write_bytes(plain.get(name) or json.dumps(file).encode())
    before = other.read_bytes()
    assert lint.report([str(other), str(path)], fix=fix) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[0].startswith("notebooks/other notebook.ipynb: "), lines
    assert FOREIGN.get(name, (0, ""))[1] in lines[0] and lines[1] == "1 findings in 2 files"
    assert other.read_bytes() == before


def test_a_rule_that_cannot_judge_is_one_line(clean, path):
    clean.metadata["kernelspec"] = "mine"
    at(clean, "draw").outputs[1]["data"]["text/plain"] = 7
    found = findings(clean, path)
    assert any("cannot judge this notebook" in line for line in found) and not any("\n" in line for line in found)
    assert ": metadata.kernelspec is not that of all notebooks: course lint --fix" in found


def test_text_that_is_not_utf_8_is_a_finding(course, capsys):
    (course / "old.md").write_bytes("Größe".encode("cp1252"))
    assert lint.report(["old.md"]) == 1
    assert capsys.readouterr().out.startswith("old.md: it is not in UTF-8 ")


def test_an_exported_script_is_a_python_file(clean, path):
    """Without these entries of the metadata nbconvert writes a .txt file."""
    from nbconvert import ScriptExporter

    clean.metadata["language_info"] = {"name": "python"}
    findings(clean, path)
    assert ScriptExporter().from_filename(str(path))[1]["output_extension"] != ".py"
    assert lint.fix_notebook(path, path.parents[1])
    assert ScriptExporter().from_filename(str(path))[1]["output_extension"] == ".py"


# --- fix, text, the whole command ---------------------------------------------------------------------


def test_fix_puts_right_what_is_mechanical(clean, path):
    clean.metadata.update(widgets={}, papermill={}, kernelspec={"name": "course-cpu", "display_name": "Course"})
    last(clean).metadata.update(execution={}, papermill={})
    clean.cells[1].source = "# SETUP"
    clean.cells[0].source = f"# 02 · Clean\n{colab.MARKER}\n[numbers](#2-numbers-1)"
    at(clean, "quiz-before").outputs.append(live_view())
    at(clean, "draw").outputs[:1] = [printed("one\n"), printed("two"), printed("!")]
    at(clean, "draw").outputs.append(printed("below the figure"))
    assert len(findings(clean, path)) == 9
    assert lint.fix_notebook(path, path.parents[1])
    assert list(lint.lint_notebook(path, path.parents[1])) == []
    assert not lint.fix_notebook(path, path.parents[1])
    fixed = places.read_notebook(path)
    assert "[numbers](#2-numbers-1)" in fixed.cells[0].source
    assert at(fixed, "quiz-before").outputs[0].data == {"text/plain": "x"}
    assert at(fixed, "draw").outputs == [printed("one\ntwo!"), figure(), caption(), printed("below the figure")]


def test_a_notebook_saved_by_colab_is_put_right_and_keeps_its_outputs(clean, path):
    """Colab saves `metadata.widgets` without `state`: nbformat finds nothing wrong with that, but nbconvert fails."""
    from nbconvert import HTMLExporter

    view = live_view()
    view.data["text/html"] = "<p>the static form</p>"
    at(clean, "quiz-before").outputs.append(view)
    model = {"model_module": "anywidget", "model_name": "AnyModel", "model_module_version": "~0.9.*"}
    states = {view.data[LIVE_VIEW]["model_id"]: model}
    clean.metadata.update(widgets={"application/vnd.jupyter.widget-state+json": states}, colab={}, accelerator="GPU")
    nbformat.validate(nbformat.from_dict(clean))
    found = findings(clean, path)
    assert [f for f in found if "metadata.widgets" in f] and len(found) == 2
    with pytest.raises(KeyError, match="state"):
        HTMLExporter().from_filename(path)
    before = [output for cell in clean.cells if cell.cell_type == "code" for output in cell.outputs]
    assert lint.fix_notebook(path, path.parents[1])
    assert findings(places.read_notebook(path), path) == []
    fixed = places.read_notebook(path)
    after = [output for cell in fixed.cells if cell.cell_type == "code" for output in cell.outputs]
    del view.data[LIVE_VIEW]
    assert after == before
    assert "<p>the static form</p>" in HTMLExporter().from_filename(path)[0]


def test_markdown_links_and_commands(course):
    (course / "README.md").write_text(
        "# The map\n[a](notebooks) [b](#the-map) `[c](gone)` ![d](gone.png)\n```\n[e](gone)\npip install x[y]\n```\n",
        encoding="utf-8",
    )
    messages = [f.message for f in lint.lint_text(course / "README.md")]
    assert messages == ["the link to gone.png leads nowhere", "pip install needs quotes around x[y]"]


def test_the_command_runs_ruff_and_codespell_and_counts(clean, path, course, capsys):
    (course / "pyproject.toml").write_text(
        '[tool.ruff.lint]\nselect = ["F"]\n[tool.codespell]\nignore-words-list = "ist"\n'
        + (course / "pyproject.toml").read_text(),
        encoding="utf-8",
    )
    last(clean).source = "import os\n# ist recieved"  # codespell:ignore recieved
    assert findings(clean, path) == []
    (course / "helpers").mkdir(exist_ok=True)
    (course / "helpers" / "bad.py").write_text("import sys\nmodel.cuda()\n", encoding="utf-8")
    assert lint.report() == 1
    out = capsys.readouterr().out
    assert "notebooks/02_clean.ipynb:draw: F401" in out
    assert "notebooks/02_clean.ipynb:draw: spelling: recieved ==> received" in out  # codespell:ignore recieved
    assert "helpers/bad.py:1: F401" in out
    assert "helpers/bad.py: cuda is hard-coded" in out
    assert "helpers/bad.py: it is not laid out by ruff format: course lint --fix" in out
    assert "ist ==>" not in out
    assert out.splitlines()[-1].startswith("6 findings in 2 files")  # F821 for `model` is the sixth


def test_the_command_passes_a_clean_course(clean, path, course, capsys):
    findings(clean, path)
    assert lint.report([str(path)]) == 0
    assert "nothing found" in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match=r"gone\.md"):
        lint.report(["gone.md"])


def test_fix_lays_out_python_and_leaves_notebooks(clean, path, course):
    last(clean).source = "x  =  [1,2]"
    assert findings(clean, path) == []
    script = course / "scripts" / "new.py"
    script.parent.mkdir()
    script.write_text("x  =  [1,2]\n", encoding="utf-8")
    assert lint.lint() == (["scripts/new.py: it is not laid out by ruff format: course lint --fix"], 2)
    assert lint.lint(fix=True) == ([], 2)
    assert script.read_text("utf-8") == "x = [1, 2]\n"
    assert last(places.read_notebook(path)).source == "x  =  [1,2]"


def test_a_misspelled_word_is_where_it_stands(clean, path, course):
    last(clean).source = "1\n# ü\u2028é\r# a\n# recieved"  # codespell:ignore recieved
    findings(clean, path)
    (course / "a.md").write_text("Fine.\n\nteh\n", encoding="utf-8")  # codespell:ignore teh
    where = [line.partition(" spelling")[0] for line in lint.lint()[0] if "spelling" in line]
    assert where == ["notebooks/02_clean.ipynb:draw:", "a.md:3:"]
