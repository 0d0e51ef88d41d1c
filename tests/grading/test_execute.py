"""One submission at a time: what a kernel may not do to the marks, and what must not look like cheating."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import tempfile
import time

import nbformat
import numpy as np
import pytest
from corpus import solve

from course import authoring
from course.authoring import HIDDEN
from course.grading import book, execute, isolation
from course.grading.grader import Options
from helpers.checks import values
from helpers.checks.parts import VISIBLE

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


@pytest.mark.parametrize(
    "how",
    [
        "import collections, torch\ndef softmax(x):\n    library, reach = collections._sys.modules['tor' + 'ch'], "
        "object.__getattribute__\n"
        "    return reach(library, 'soft' + 'max')(reach(library, 'as_' + 'tensor')(x), -1).numpy()",
        "import torch\ndef helper(x):\n    return torch.softmax(torch.as_tensor(x), -1).numpy()\n"
        "helper.__module__ = 'numpy'\ndef softmax(x):\n    return helper(x)",
    ],
    ids=["by a back door", "under another name"],
)
def test_a_library_is_found(how, tiny):
    result = graded(tiny, softmax=how)
    assert points(result)["softmax"] == 0 and result["parts"][0]["status"] == "not allowed"


def test_what_was_seen_on_hidden_inputs_does_not_come_out_on_visible_ones(tiny):
    keeps = "seen = []\ndef merge(tokens, pair):\n    seen.append(tokens)\n    raise ValueError(repr(seen))"
    sent = graded(tiny, merge=keeps)["sent"]["merge"]
    merge = authoring.graded(tiny.name, 7).part("merge")
    asked = [repr(inputs[0]) for inputs in merge.questions[HIDDEN].inputs]
    visible = {repr(inputs[0]) for inputs in merge.questions[VISIBLE].inputs}
    told = json.dumps(sent["visible"])
    assert [tokens for tokens in asked if tokens not in visible and json.dumps(tokens)[1:-1] in told] == []


def test_a_part_that_is_asked_again_has_not_seen_the_hidden_inputs_of_others(tiny):
    keeps = (
        "import os, threading, time\nseen, leave = [], False\n"
        "def watch():\n    while not leave:\n        time.sleep(0.01)\n    os._exit(0)\n"
        "threading.Thread(target=watch, daemon=True).start()\n"
        "def merge(tokens, pair):\n    seen.append(tokens)\n    return tokens"
    )
    waits = (
        "def softmax(scores):\n    global leave\n    leave = not seen\n    while not seen:\n        pass\n"
        "    raise ValueError(repr(seen))"
    )
    result = graded(tiny, merge=keeps, softmax=waits, attention="def attention(*_):\n    return 0")
    merge = authoring.graded(tiny.name, 7).part("merge")
    visible = [inputs[0] for inputs in merge.questions[VISIBLE].inputs]
    hidden = [repr(inputs[0]) for inputs in merge.questions[HIDDEN].inputs if inputs[0] not in visible]
    told = json.dumps(result["sent"].get("softmax", {}).get("visible", {}))
    assert [tokens for tokens in hidden if json.dumps(tokens)[1:-1] in told] == []
    assert (result["status"], points(result)["parameters"]) == ("killed", 3) and "softmax" in result["reason"]


def test_what_an_earlier_part_defines_beside_itself_is_there_when_it_is_lent(tiny):
    beside = "def scaled(q, k):\n    return q @ k.swapaxes(-1, -2) / q.shape[-1] ** 0.5\ndef softmax(x):\n    return x"
    result = graded(tiny, softmax=beside, attention="def attention(q, k, v):\n    return softmax(scaled(q, k)) @ v")
    assert points(result) == FULL | {"softmax": 0}


@pytest.mark.parametrize(
    ("answers", "lost"),
    [
        ({"merge": "def merge(tokens, pair):\n    raise ValueError('\ud800')"}, {"merge": 0}),
        (
            {
                "extra": "def helper(): pass\nhelper.__module__ = '\\x0099\\x00'",
                "merge": "def merge(tokens, pair):\n    return helper()",
            },
            {"merge": 0},
        ),
        ({"extra": "def eval(model):\n    return model"}, {}),
        ({"extra": "checks = {}\nlist(checks.values())"}, {}),
    ],
    ids=["a lone surrogate", "NUL in a module's name", "a function called eval", "a dict called checks"],
)
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


LINKS = [
    "[a](javascript:x)",
    r"[a\](javascript:x)",
    "![a](http://127.0.0.1/)",
    "[a][b]",
    "[b]: javascript:x",
    "<a href=javascript:x>",
    r"$\href{javascript:x}{y}$",
]


@pytest.mark.parametrize("link", LINKS)
def test_markdown_is_inert(link):
    from nbconvert.filters import markdown2html

    from course.html import inert

    page = markdown2html(inert(link))
    assert not re.search(r"<img|<a (?!href=.http:)", page) and r"\href" not in page, page


def test_infinity_is_no_wildcard_and_huge_integers_are_wrong_not_fatal():
    assert values.difference(float("inf"), 3.0) and values.difference(float("-inf"), 3.0)
    assert values.difference(float("inf"), float("inf")) is None
    assert values.difference(1.0, 10**400)


# --- what a kernel sends ------------------------------------------------------------------------------------


def test_of_a_message_only_what_a_driver_sends_is_kept():
    deep = "[" * 900 + "]" * 900
    sent = f"""{{"nonce": "n", "part": "p", "x": {deep}, "missing": {deep}, "short_cuts": ["eval", {deep}, 5],
        "outcomes": [{{"output": "1", "y": {deep}}}, {{"output": {deep}, "foreign": 1}},
                     {{"error": "E: no", "where": "", "foreign": true}}]}}"""
    assert execute._message(sent) == {
        "nonce": "n",
        "part": "p",
        "short_cuts": ["eval"],
        "outcomes": [{"output": "1"}, {}, {"error": "E: no", "where": "", "foreign": True}],
    }


def test_all_answers_together_have_a_bound(monkeypatch):
    def answers(size):
        return {"outcomes": [{"output": "x" * size}]}

    monkeypatch.setattr(execute, "ANSWERS_CAP", 1000)
    sent = {"a": {"hidden": answers(300), "visible": answers(300)}, "b": {"hidden": answers(600)}}
    lent = {"b": {"hidden": answers(10)}}
    assert execute._drop(sent, lent)
    assert sent == {"a": {"hidden": answers(300), "visible": answers(300)}, "b": {}} and lent == {"b": {}}
    assert not execute._drop({"a": {"hidden": answers(900)}}, {})


def test_a_submission_that_cannot_be_judged_in_time_is_killed_and_no_fault_of_the_machine(tiny, monkeypatch):
    monkeypatch.setattr(execute, "MORE_S", -59)
    notebook = solve(tiny)
    notebook.cells.append(nbformat.v4.new_code_cell("import time\ntime.sleep(5)"))
    task = tiny.task("x", json.dumps(notebook).encode(), 7, Options(timeout=60))
    result = json.loads(execute.attempt(task))
    assert (result["status"], result["points"], result["full"]) == ("killed", 0, 14)
    assert result["reason"] == "killed (reading and judging it: it took more than 1 s)"


def test_it_runs_on_one_processor_and_does_not_see_what_is_hidden(tiny):
    asset = isolation.PACKAGE / "assets" / "minilm.txt"
    extra = f"try:\n    print('SEEN', len(open({str(asset)!r}).read()))\nexcept OSError:\n    print('NOT SEEN')"
    look = "import os\nprint('CORES', *os.sched_getaffinity(0))"
    notebook = solve(tiny)
    notebook.cells += [nbformat.v4.new_code_cell(look), nbformat.v4.new_code_cell(extra)]
    core = max(os.sched_getaffinity(0))
    task = tiny.task("x", json.dumps(notebook).encode(), 7, Options(timeout=60), (str(asset),))
    told = json.loads(execute.attempt(task, core))["executed"]
    assert f"CORES {core}\\n" in told and '"NOT SEEN' in told


def test_thousands_of_outputs_of_one_cell_get_through(tiny):
    """The kernel drops what finds no room at the reader: there must be enough, also for the answers after it."""
    many = "from IPython.display import display\nfor i in range(6000):\n    display(i)\nprint('the last')"
    result = graded(tiny, extra=many)
    assert result["points"] == 14 and result["executed"].count("display_data") == 6000
    assert "the last" in result["executed"]


REPLACED = """
import glob, os, stat
for path in glob.glob('/tmp/.*/*-[1-5]'):
    os.unlink(path)
    os.symlink({target!r}, path)
print('replaced')
for number in range(3, 300):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            os.close(number)
    except OSError:
        pass
"""


def test_nobody_is_led_to_another_socket(tiny):
    """The folder of the kernel's sockets is the student's, who puts links to a socket of the machine's there."""

    async def lead(target):
        task = tiny.task("x", b"", 7, Options(timeout=60))
        with socket.socket(socket.AF_UNIX) as here:
            here.bind(target)
            here.listen()
            here.settimeout(2)
            async with execute._kernel(task) as kernel:
                ran = await kernel.run(REPLACED.format(target=target), 3)
                with pytest.raises(TimeoutError):
                    await asyncio.to_thread(here.accept)
                return ran

    with tempfile.TemporaryDirectory(prefix="s") as folder:
        asyncio.run(lead(f"{folder}/s"))


# --- answers that claim more than they send ------------------------------------------------------------------


def test_rows_without_values_are_turned_away_before_anybody_counts_them():
    hollow = np.zeros((30_000_000, 0))
    with pytest.raises(values.ForeignType, match="many rows without a value"):
        values.plain(hollow)
    with pytest.raises(ValueError, match="is not an answer"):
        values.loads('{"$array": ["<f8", [30000000, 0], ""]}')
    for shape in ((0,), (0, 50_257), (3, 0, 8)):
        assert values.loads(values.dumps(np.zeros(shape))).shape == shape
    began = time.monotonic()
    assert values.difference([1, 2], hollow) == "expected 2 items, got 30000000"
    assert time.monotonic() - began < 1
    assert values.difference([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])) is None
    assert values.difference([[1, 2], [3, 4]], np.array([[1, 2], [3, 5]])) == "item 1: item 1: expected 4, got 5"
    assert values.difference([[1.0]], np.ones((1, 1, 1))) is not None
    assert values.difference([1], np.array(1)) is not None and values.difference(1, np.array(1)) is None


def test_texts_are_no_array_of_numbers(monkeypatch):
    """NumPy would give each as much room as the longest."""
    made = []
    array = np.array
    monkeypatch.setattr(values.np, "array", lambda *given: made.append(given) or array(*given))
    for given in (["x" * 50_000, "a"], [["a"], [1]], [1, None], "text", {"a": 1}, [b"1"]):
        assert values.difference(np.ones(2), given) is not None
    assert made == []
    assert values.difference(np.ones((2, 1)), [(1,), [True]]) is None and len(made) == 1
