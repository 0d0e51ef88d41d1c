"""The gaps of a lesson: functions of three to six lines that the reader writes and that are checked at once.

This is what the reader sees. If a gap is unwritten, the card says so, and the lesson continues with the solution, so
that a run from top to bottom passes. If an answer is wrong, the card names the mistake and gives hints, as in a lab,
and the lesson continues with the solution. If it is right, the rest of the lesson uses the reader's own function.

This is how to make a gap, with lesson 04 and a function `softmax` as the example:

1. The folder solutions/lesson04/ holds the same files as a lab's folder (course/authoring.py), except the notebook:

    checks.py         the parts, how their cases are drawn, and LAB = Lab("lesson04", "Attention", [softmax, attention])
    mistakes.toml     each known mistake: [softmax."over everything"], `says`, `hints` (two or more)
    answers/softmax/right/solution.py     the solution, which the fold of the lesson shows
    answers/softmax/right/*.py            other right answers, which the check must accept
    answers/softmax/wrong/*.py            at least three; the first line is "# mistake: ITS NAME"
    answers/softmax/held_out/*.py         wrong answers that are not compiled (may be absent)

   An answer can use `np`, `math` and the solutions of earlier gaps. It imports everything else itself, and the
   `imports=` of its Part must allow that (`banned=` refuses library functions that do the whole job). A gap that calls
   an earlier one needs `uses=("softmax",)`. Inputs are plain data and arrays; `tensor(array)` from helpers.checks.toys
   makes a torch tensor. If several answers are right, give a `judge=` as in a lab. Yield the smallest case first,
   because it is the one that is shown, and yield at least one case drawn with `rng` for each aspect named in `points=`.
   Arrays, lists and tensors of the same numbers count as equal, so if later cells need a certain type, let the stub
   give the last line.

2. In the lesson, write two lines once before the first gap: `from helpers import checks` (in the start cell) and
   `check = checks.lesson("04")`. Then add three cells for each gap, one right after the other:

    code        def softmax(scores):
                    '''Turn scores into shares: each row sums to 1.'''
                    ...  # three lines: yours

                (or give some of its lines and leave the others as `weights = ...`; `return ..., weights` counts too)

    code        softmax = check.softmax(softmax)

    markdown    <details><summary>One solution</summary>

                ```python
                the text of answers/softmax/right/solution.py, letter for letter (imports above it may be left out)
                ```
                </details>

3. course labs build lesson04      writes helpers/assets/labs/lesson04.json, with the solutions in it
   course labs zoo lesson04        tries all answers: wrong ones must be rejected and named, right ones accepted
   course labs check lesson04      does the same, and checks that the lesson's cells are as above
   pytest tests/checks/test_gaps.py tests/checks/test_answers.py -k lesson04

The solutions of a lesson are public, because its page shows them. Those of a lab are not.
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
    """Return the notebook of a lesson with gaps, whose name is given as lesson04."""
    number = name.removeprefix(LESSON)
    return next((path for path in places.lessons(root) if path.stem.partition("_")[0] == number), None)


def placed(root: Path, name: str) -> bool:
    """Whether the lesson's notebook asks for its checks at all."""
    path = notebook(root, name)
    return path is not None and f'checks.lesson("{name.removeprefix(LESSON)}")' in "".join(
        cell.source for cell in places.read_notebook(path).cells
    )


def cells(path: Path, part: str) -> tuple[str, str, str] | None:
    """Return the stub, check and fold of a gap in the notebook, or None if they do not follow one another."""
    of_lesson = places.read_notebook(path).cells
    for stub, check, fold in zip(of_lesson, of_lesson[1:], of_lesson[2:]):
        if f"{part} = check.{part}({part})" in check.source.splitlines():
            kinds = [cell.cell_type for cell in (stub, check, fold)]
            right = kinds == ["code", "code", "markdown"] and f"def {part}(" in stub.source
            return (stub.source, check.source, fold.source) if right else None
    return None


def in_fold(fold: str) -> str:
    """Return the code in the first fence of a fold."""
    code = re.search(r"<details>.*?^[ ]*```python\n(.*?)^[ ]*```", textwrap.dedent(fold), re.DOTALL | re.MULTILINE)
    return textwrap.dedent(code[1]) if code else ""


def without_imports(code: str) -> str:
    """Return a solution from its first `def` on, because the notebook has already imported what it needs."""
    return re.split(r"^(?=def |@)", code, maxsplit=1, flags=re.MULTILINE)[-1].strip()


def problems(root: Path, name: str) -> list[str]:
    """List what is wrong with the gaps of a lesson (nothing if all is well), without running the notebook."""
    try:
        source = Source(labs.files(root, name).folder)
        data = source.data()
    except (OSError, ValueError) as error:
        return [str(error)]
    found, path = [], notebook(root, name)
    if not labs.up_to_date(labs.files(root, name).data, data):
        found.append(f"{name}.json is not what its source makes: course labs build {name}")
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
