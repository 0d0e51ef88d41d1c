"""The gaps of a lesson: functions of three to six lines that the reader writes, checked at once.

What the reader sees. An unwritten gap: the card says so, and the lesson goes on with the solution, so that a run from
top to bottom passes. A wrong answer: the card names the mistake and gives hints, as in a lab, and the lesson goes on
with the solution. A right one: the rest of the lesson uses the reader's own function.

How to make one, for lesson 04 and a function `softmax`:

1. The folder solutions/lesson04/ holds what the folder of a lab holds (course/authoring.py), but for the notebook:

    checks.py         the parts, how their cases are drawn, LAB = Lab("lesson04", "Attention", [softmax, attention])
    mistakes.toml     each known mistake: [softmax."over everything"], `says`, `hints` (two or more)
    answers/softmax/right/solution.py     the solution, which the fold of the lesson shows
    answers/softmax/right/*.py            other right answers: the check must accept them
    answers/softmax/wrong/*.py            at least three; first line "# mistake: ITS NAME"
    answers/softmax/held_out/*.py         wrong ones that are not compiled (may be absent)

   An answer finds `np`, `math` and the solutions of earlier gaps; the rest it imports itself, and `imports=` of its
   Part must allow it (`banned=` refuses library functions that do the whole job). A gap that calls an earlier one
   says so: `uses=("softmax",)`. Inputs are plain data and arrays; `tensor(array)` of helpers.checks.toys is a torch
   tensor. For several right answers, `judge=` as in a lab. Yield the smallest case first: it is the one that is shown;
   and for each aspect named in `points=` at least one case drawn with `rng`. Arrays, lists and tensors of the same
   numbers count as equal, so where later cells need a certain type, let the stub give the last line.

2. In the lesson, once before the first gap: `from helpers import checks` (in the start cell) and
   `check = checks.lesson("04")`. Then for each gap three cells, one right after the other:

    code        def softmax(scores):
                    '''Turn scores into shares: each row sums to 1.'''
                    ...  # three lines: yours

                (or some lines of it given, the others as `weights = ...`; `return ..., weights` counts too)

    code        softmax = check.softmax(softmax)

    markdown    <details><summary>One solution</summary>

                ```python
                the text of answers/softmax/right/solution.py, letter for letter (imports above it may be left out)
                ```
                </details>

3. course labs build lesson04      writes helpers/assets/labs/lesson04.json, the solutions in it
   course labs zoo lesson04        tries all answers: every wrong one rejected and named, every right one accepted
   course labs check lesson04      the same, and whether the lesson's cells are as above
   pytest tests/checks/test_gaps.py tests/checks/test_answers.py -k lesson04

The solutions of a lesson are public: its page shows them. Those of a lab are not.
"""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

from course import labs, places
from course.authoring import LESSON, Source
from helpers.checks.parts import left_open


def notebook(root: Path, name: str) -> Path | None:
    """The notebook of a lesson with gaps, given as lesson04."""
    number = name.removeprefix(LESSON)
    return next((path for path in places.lessons(root) if path.stem.partition("_")[0] == number), None)


def placed(root: Path, name: str) -> bool:
    """Whether the lesson's notebook asks for its checks at all."""
    path = notebook(root, name)
    return path is not None and f'checks.lesson("{name.removeprefix(LESSON)}")' in "".join(
        cell.source for cell in places.read_notebook(path).cells
    )


def cells(path: Path, part: str) -> tuple[str, str, str] | None:
    """Stub, check and fold of a gap, as the notebook has them; None where they do not stand one after the other."""
    of_lesson = places.read_notebook(path).cells
    for stub, check, fold in zip(of_lesson, of_lesson[1:], of_lesson[2:]):
        if f"{part} = check.{part}({part})" in check.source.splitlines():
            kinds = [cell.cell_type for cell in (stub, check, fold)]
            right = kinds == ["code", "code", "markdown"] and f"def {part}(" in stub.source
            return (stub.source, check.source, fold.source) if right else None
    return None


def in_fold(fold: str) -> str:
    """The code of the first fence of a fold."""
    code = re.search(r"<details>.*?^[ ]*```python\n(.*?)^[ ]*```", textwrap.dedent(fold), re.DOTALL | re.MULTILINE)
    return textwrap.dedent(code[1]) if code else ""


def without_imports(code: str) -> str:
    """A solution from its first `def` on: what it imports, the notebook has imported."""
    return re.split(r"^(?=def |@)", code, maxsplit=1, flags=re.MULTILINE)[-1].strip()


def problems(root: Path, name: str) -> list[str]:
    """What is wrong with the gaps of a lesson as its files are, without running the notebook; empty if nothing is."""
    try:
        source = Source(labs.files(root, name).folder)
        data = source.data()
    except (OSError, ValueError) as error:
        return [str(error)]
    found, path = [], notebook(root, name)
    if not labs.up_to_date(labs.files(root, name).data, data):
        found.append(f"{name}.json is not what its source gives: course labs build {name}")
    if path is None or not placed(root, name):
        return [*found, f'no notebook has the line check = checks.lesson("{name.removeprefix(LESSON)}")']
    for part, solution in data["solutions"].items():
        if (three := cells(path, part)) is None:
            found.append(f"{path.name} lacks the three cells of {part}, one after the other: stub, check, fold")
            continue
        if not left_open(ast.parse(three[0])):
            found.append(f"{path.name}: the stub of {part} leaves nothing to write")
        if without_imports(in_fold(three[2])) != without_imports(solution):
            found.append(f"{path.name}: the fold of {part} is not answers/{part}/right/solution.py")
    return found
