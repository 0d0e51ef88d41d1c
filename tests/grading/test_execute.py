"""One submission at a time: what a kernel may not do to the marks, and what must not look like cheating."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from conftest import solve

from helpers.checks import parts, values
from helpers.grading import book, execute
from helpers.grading.grader import Options

FULL = {"softmax": 3, "attention": 4, "merge": 4, "parameters": 3}


def graded(tiny, **answers):
    """The result of the solved lab with other answers; "extra" is a cell of the student's own at the end."""
    notebook = solve(tiny)
    extra = answers.pop("extra", None)
    for cell in notebook.cells:
        key = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(key, cell.source)
    if extra:
        notebook.cells.append(nbformat.v4.new_code_cell(extra))
    data = json.dumps(notebook).encode()  # nbformat would refuse a lone surrogate
    return execute.grade(tiny.task("x", data, 7, Options(timeout=60, memory_mb=1024)))


def points(result):
    return {part["part"]: part["points"] for part in result["parts"]}


def test_an_earlier_part_may_not_do_the_work_of_a_later_one(tiny):
    whole = (
        "import torch\ndef softmax(q, k=None, v=None):\n    t = torch.as_tensor\n"
        "    return torch.nn.functional.scaled_dot_product_attention(t(q), t(k), t(v)).numpy()"
    )
    result = graded(tiny, softmax=whole, attention="def attention(q, k, v):\n    return softmax(q, k, v)")
    assert points(result) == FULL | {"softmax": 0, "attention": 0}


def test_a_library_in_an_earlier_part_costs_that_part_only(tiny):
    library = "import torch\ndef softmax(x):\n    return torch.softmax(torch.as_tensor(x), -1).numpy()"
    assert points(graded(tiny, softmax=library)) == FULL | {"softmax": 0}


@pytest.mark.parametrize("how", [
    "import collections, torch\ndef softmax(x):\n    library, reach = collections._sys.modules['tor' + 'ch'], "
    "object.__getattribute__\n"
    "    return reach(library, 'soft' + 'max')(reach(library, 'as_' + 'tensor')(x), -1).numpy()",
    "import torch\ndef helper(x):\n    return torch.softmax(torch.as_tensor(x), -1).numpy()\n"
    "helper.__module__ = 'numpy'\ndef softmax(x):\n    return helper(x)",
], ids=["by a back door", "under another name"])  # fmt: skip
def test_a_library_is_found(how, tiny):
    result = graded(tiny, softmax=how)
    assert points(result)["softmax"] == 0 and result["parts"][0]["status"] == "not allowed"


def test_what_was_seen_on_hidden_inputs_does_not_come_out_on_visible_ones(tiny):
    keeps = "seen = []\ndef merge(tokens, pair):\n    seen.append(tokens)\n    raise ValueError(repr(seen))"
    sent = graded(tiny, merge=keeps)["sent"]["merge"]
    (hidden,) = [p for p in parts_of(tiny) if p.name == "merge"]
    asked = [repr(case.inputs[0]) for case in hidden.draw(7)]
    visible = {repr(case.inputs[0]) for case in hidden.draw(parts.VISIBLE_SEED)}
    told = json.dumps(sent["visible"])
    assert [tokens for tokens in asked if tokens not in visible and json.dumps(tokens)[1:-1] in told] == []


def parts_of(tiny):
    from helpers import checks

    return checks.load(tiny.name).parts


@pytest.mark.parametrize(("answers", "lost"), [
    ({"merge": "def merge(tokens, pair):\n    raise ValueError('\ud800')"}, {"merge": 0}),
    ({"extra": "def helper(): pass\nhelper.__module__ = '\\x0099\\x00'",
      "merge": "def merge(tokens, pair):\n    return helper()"}, {"merge": 0}),
    ({"extra": "def eval(model):\n    return model"}, {}),
    ({"extra": "checks = {}\nlist(checks.values())"}, {}),
], ids=["a lone surrogate", "NUL in a module's name", "a function called eval", "a dict called checks"])  # fmt: skip
def test_odd_answers_are_graded_and_can_be_shown(answers, lost, tiny):
    result = graded(tiny, **answers)
    assert (result["status"], points(result)) == ("ok", FULL | lost), result["reason"]
    assert "softmax" in book.autograded(result, tiny.notebook)
    json.dumps(result).encode()


def test_two_answers_in_one_cell(tiny):
    notebook = solve(tiny)
    cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in notebook.cells}
    both = f"{cells['softmax'].source}\n\n{cells['merge'].source}"
    notebook.cells.remove(cells["merge"])
    cells["softmax"].source = both
    assert points(execute.grade(tiny.task("x", nbformat.writes(notebook).encode(), 7))) == FULL


LINKS = ["[a](javascript:x)", r"[a\](javascript:x)", "![a](http://127.0.0.1/)", "[a][b]", "[b]: javascript:x",
         "<a href=javascript:x>", r"$\href{javascript:x}{y}$"]  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_markdown_is_inert(link):
    from nbconvert.filters import markdown2html

    from helpers.authoring.html import inert

    page = markdown2html(inert(link))
    assert not re.search(r"<img|<a (?!href=.http:)", page) and r"\href" not in page, page


def test_infinity_is_no_wildcard_and_huge_integers_are_wrong_not_fatal():
    assert values.difference(float("inf"), 3.0) and values.difference(float("-inf"), 3.0)
    assert values.difference(float("inf"), float("inf")) is None
    assert values.difference(1.0, 10**400)
