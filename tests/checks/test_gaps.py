"""The gaps of lessons: what the reader gets back, what the card says, and that the lesson's cells fit the checks."""

from __future__ import annotations

import ast
import linecache
from itertools import count
from pathlib import Path

import nbformat
import numpy as np
import pytest

from course import authoring, gaps, labs, places
from helpers import checks, progress, runtime
from helpers.checks import toys, values

ROOT = Path(__file__).resolve().parents[2]
LESSONS = labs.lessons(ROOT)
SOLUTION = (ROOT / "solutions/lesson04/answers/softmax/right/solution.py").read_text("utf-8").strip()
STUB = 'def softmax(scores):\n    """Turn scores into shares."""\n    ...  # two lines: yours'
CELLS = count()


def defined(code: str, **scope):
    """What a cell defines, with its source at hand, as in a notebook."""
    name = f"<cell {next(CELLS)}>"
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    scope = {"__name__": "__main__", "np": np} | scope
    exec(compile(code, name, "exec"), scope)
    return scope


@pytest.fixture
def check(monkeypatch, tmp_path):
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "progress.jsonl"))
    return checks.lesson("04")


# --- what comes back --------------------------------------------------------------------------------

UNWRITTEN = {
    "dots": STUB,
    "nothing set": "def softmax(scores):\n    powers = ...\n    return powers / powers.sum()",
    "dots returned": "def softmax(scores):\n    return ...",
    "not implemented": "def softmax(scores):\n    ...\n    raise NotImplementedError",
    "within a tuple": "def softmax(scores):\n    return scores, ...",
    "other lines given": "def softmax(scores):\n    powers = scores\n    ...  # yours\n    return powers",
}


@pytest.mark.parametrize("kind", UNWRITTEN)
def test_the_lesson_goes_on_with_the_solution_of_an_unwritten_gap(check, capsys, kind):
    softmax = check.softmax(defined(UNWRITTEN[kind])["softmax"])
    said = capsys.readouterr().out
    assert "softmax: Still to write" in said and "Yours to write. Until then the lesson goes on" in said
    assert "Hint" not in said
    assert ("The line ... is still there: replace it." in said) == (kind == "other lines given")
    assert np.allclose(softmax(np.log([1.0, 3.0])), [0.25, 0.75])
    assert progress.read() == []


def test_a_wrong_answer_is_named_and_the_lesson_goes_on_with_the_solution(check, capsys):
    wrong = defined("def softmax(scores):\n    powers = np.exp(scores)\n    return powers / powers.sum()")["softmax"]
    softmax = check.softmax(wrong)
    said = capsys.readouterr().out
    assert "It looks like this: over everything." in said and "Hint 1 of 2" in said
    assert said.count("goes on with the solution below") == 1 and "Yours to write" not in said
    assert np.isclose(softmax(np.zeros((2, 2))).sum(), 2)


def test_a_right_answer_comes_back_itself(check, capsys):
    mine = defined(SOLUTION)["softmax"]
    assert check.softmax(mine) is mine
    said = capsys.readouterr().out
    assert "softmax: Right" in said and "From here on the lesson uses your function." in said
    assert [(event["lab"], event["part"]) for event in progress.read()] == [("lesson04", "softmax")]


def test_the_solution_is_no_answer(check, capsys):
    """The check's cell run twice, without the reader's: not theirs, not refused for what it imports."""
    solution = check.softmax(defined(STUB)["softmax"])
    assert check.softmax(solution) is solution
    assert "This is the solution already." in capsys.readouterr().out and progress.read() == []


def test_a_gap_may_call_an_earlier_one_written_or_not(check, capsys):
    code = (ROOT / "solutions/lesson04/answers/attention/right/solution.py").read_text("utf-8")
    for softmax in (check.softmax(defined(STUB)["softmax"]), defined(SOLUTION)["softmax"]):
        mine = defined(code, softmax=softmax)["attention"]
        assert check.attention(mine) is mine
        wrong = defined(code.replace(" / np.sqrt(query.shape[-1])", ""), softmax=softmax)["attention"]
        capsys.readouterr()
        assert check.attention(wrong) is not wrong
        said = capsys.readouterr().out
        assert "not scaled" in said and "It calls your" not in said
    query = np.eye(2)
    output, weights = check.attention(defined("def attention(query, key, value):\n    ...")["attention"])(
        query, query, query
    )
    assert np.allclose(output, weights)  # the solution calls the solution of softmax


def test_where_checks_are_quiet_the_lesson_goes_on_all_the_same(monkeypatch, capsys):
    monkeypatch.setenv(runtime.QUIET, "1")
    softmax = checks.lesson("04").softmax(defined(STUB)["softmax"])
    assert np.allclose(softmax(np.zeros(2)), 0.5) and capsys.readouterr().out == ""


def test_a_labs_check_takes_the_solution_of_a_lesson_for_ours(check, capsys):
    checks.lab("lab02_attention").softmax(check.softmax(defined(STUB)["softmax"]))
    assert "softmax: Not by yourself" in capsys.readouterr().out


def test_a_tensor_as_an_input():
    import torch

    case = toys.tensor(np.array([1.0, 2.0], dtype=np.float32))
    (given,) = toys.fresh((case,))
    assert torch.equal(given, torch.tensor([1.0, 2.0])) and values.show(case) == "tensor([1., 2.], dtype=float32)"
    again = values.loads(values.dumps([case]))
    assert values.difference([case], again) is None
    assert values.difference(case, toys.tensor(np.array([1.0, 3.0], dtype=np.float32)))


# --- no lab -----------------------------------------------------------------------------------------


def test_lessons_are_not_among_the_labs(tmp_path):
    assert "lesson04" in LESSONS and not set(LESSONS) & set(labs.names(ROOT))
    with pytest.raises(ValueError, match="no lab 'lesson04'"):
        labs.names(ROOT, ["lesson04"])
    with pytest.raises(ValueError, match="no lab 'lesson04'"):
        labs.bundle(ROOT, ["lesson04"], tmp_path / "x.zip")
    with pytest.raises(ValueError) as error:
        checks.lab("lab77")
    assert "lesson04" not in str(error.value)


# --- the lesson's cells -----------------------------------------------------------------------------

FOLD = f"<details><summary>One solution</summary>\n\n```python\n{SOLUTION}\n```\n</details>"


@pytest.fixture
def root(tmp_path):
    """Lesson 04's gaps in a course whose notebook has the cells of `softmax` alone."""
    source = labs.files(ROOT, "lesson04").folder
    for path in [p for p in source.rglob("*.*") if p.is_file()]:
        to = tmp_path / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    v4 = nbformat.v4
    cells = [
        v4.new_code_cell('check = checks.lesson("04")'),
        v4.new_code_cell(STUB, id="stub"),
        v4.new_code_cell("softmax = check.softmax(softmax)"),
        v4.new_markdown_cell(FOLD, id="fold"),
    ]
    (tmp_path / "notebooks").mkdir()
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "notebooks/04_attention.ipynb")
    labs.build(tmp_path, ["lesson04"])
    return tmp_path


BROKEN = {
    "leaves nothing to write": ("stub", STUB, SOLUTION),
    "the fold of softmax is not": ("fold", "keepdims=True", "keepdims=1"),
    "lacks the three cells of softmax": ("stub", "softmax", "soft_max"),
}


def test_cells_as_they_should_be(root):
    found = gaps.problems(root, "lesson04")
    assert "04_attention.ipynb lacks the three cells of attention, one after the other: stub, check, fold" in found
    assert not any("softmax" in problem or "lacks the three cells" not in problem for problem in found)


@pytest.mark.parametrize("words", BROKEN)
def test_what_is_wrong_with_the_cells_is_named(root, words):
    cell_id, old, new = BROKEN[words]
    path = root / "notebooks/04_attention.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.id == cell_id:
            assert old in cell.source
            cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)
    assert any(words in problem for problem in gaps.problems(root, "lesson04"))


def test_a_solution_changed_without_a_build_is_named(root):
    path = root / "solutions/lesson04/answers/softmax/right/solution.py"
    path.write_text(path.read_text("utf-8").replace("powers", "exponentials"), "utf-8")
    assert "lesson04.json is not what its source makes: course labs build lesson04" in gaps.problems(root, "lesson04")


@pytest.mark.parametrize("name", LESSONS)
def test_the_cells_of_every_lesson_with_gaps(name):
    """The data is what the sources give; each stub is open, each fold the compiled solution."""
    found = gaps.problems(ROOT, name)
    if not gaps.placed(ROOT, name):
        assert found == [f'no notebook has the line check = checks.lesson("{name[-2:]}")']
        pytest.skip(f"{found[0]} yet")
    assert found == []


@pytest.mark.parametrize("name", LESSONS)
def test_the_check_of_a_stub_as_committed_gives_the_solution(name, capsys):
    if not gaps.placed(ROOT, name):
        pytest.skip("the lesson has no gaps yet")
    path, check = gaps.notebook(ROOT, name), checks.lesson(name.removeprefix("lesson"))
    cells = places.read_notebook(path).cells
    code = [cell.source for cell in cells if cell.cell_type == "code" and cell.id != "setup"]  # its pips are no Python
    lines = [line for source in code for line in authoring._python(source)]
    imports = [line for line in lines if isinstance(line, ast.Import | ast.ImportFrom)]
    scope: dict = {}
    exec(compile(ast.Module(imports, []), "<imports>", "exec"), scope)
    for part in dir(check):
        stub, _, _ = gaps.cells(path, part)
        function = defined(stub, **scope)[part]
        got = getattr(check, part)(function)
        assert "Yours to write." in capsys.readouterr().out
        assert got is not function and got.__module__ == f"helpers.checks.{name}"
