"""What a lab calls to tell a student what is wrong, as often as they like and without marks.

    from helpers import checks
    check = checks.lab("lab02_attention")
    check.softmax(softmax)      # right? If not: which known mistake it looks like, on the smallest input
    check.progress()            # the whole lab in one line

In a lesson, the same for the functions that the reader writes (course/gaps.py says how one is made):

    check = checks.lesson("04")
    softmax = check.softmax(softmax)  # the reader's function if it is right, else the solution

`course.scoring.score` gives the points of a whole notebook, with other inputs.
"""

from __future__ import annotations

import ast
import json
import os
from collections import Counter
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import runtime

if TYPE_CHECKING:
    from helpers.checks.parts import Lab, Part, Verdict
    from helpers.show import Static

OWN_LABS = "COURSE_LABS"
"""A folder with your own labs, outside the repository but laid out like it: solutions/NAME, labs/NAME, assets/."""

HINTS = "COURSE_HINTS"
"""`without-last` withholds the last hint of each mistake and part."""

SHIPPED = Path(__file__).parents[1] / "assets" / "labs"


def own_folder() -> Path | None:
    """The folder that COURSE_LABS names, or None."""
    given = os.environ.get(OWN_LABS)
    return Path(given).expanduser().absolute() if given else None


def data_file(name: str) -> Path | None:
    """The file NAME.json that `course labs build` made; of the folder that COURSE_LABS names, if it has one."""
    own = own_folder()
    folders = [own / "assets", SHIPPED] if own else [SHIPPED]
    return next((path for folder in folders if (path := folder / f"{name}.json").is_file()), None)


def load(name: str) -> Lab:
    """The parts of a lab, with the inputs that its check shows and those of `course selfgrade`.

    Raises ValueError, listing the labs there are, for a name without one.
    """
    path = data_file(name) if name.isidentifier() else None
    if path is None:
        known = ", ".join(sorted(path.stem for path in SHIPPED.glob("lab*.json")))
        raise ValueError(f"There is no lab {name!r}. The labs are: {known}; {OWN_LABS} names a folder with more.")
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _: int) -> Lab:
    from helpers.checks.parts import from_data

    return from_data(json.loads(path.read_text(encoding="utf-8")))


def lesson(number: str) -> Gaps:
    """The checks of the functions that the reader of a lesson writes, by their names."""
    return Gaps(f"lesson{number}")


def lab(name: str, last_hint: bool = True) -> Check:
    """The checks of a lab, by the names of its parts.

    `last_hint=False`, like COURSE_HINTS=without-last, withholds the last hint, which is often the answer.
    """
    return Check(name, last_hint)


class Check:
    """`check.PART(answer)` shows whether the answer is right and, if not, what it looks like."""

    def __init__(self, name: str, last_hint: bool = True) -> None:
        self.name = name
        self._last_hint = last_hint and os.environ.get(HINTS) != "without-last"
        self._tries: Counter[tuple[str, str]] = Counter()
        self._lab = None if os.environ.get(runtime.QUIET) else load(name)

    def __dir__(self) -> list[str]:
        return ["progress", *(part.name for part in self._lab.parts)] if self._lab else []

    def __repr__(self) -> str:
        return f"checks of {self.name}: {', '.join(dir(self)[1:])}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._lab is None:
            return lambda *_, **__: None
        try:
            part = self._lab.part(name)
        except ValueError as error:
            raise AttributeError(str(error)) from None

        def check(answer: Any) -> Any:
            return self._answer(part, answer)

        check.__doc__ = f"Check your answer to: {part.title}."
        return check

    def _answer(self, part: Part, answer: Any) -> Any:
        self._show(part, self._examine(part, answer))

    def _show(self, part: Part, verdict: Verdict, last: str = "") -> None:
        from helpers.checks.report import card

        look = (part.name, verdict.mistake.name if verdict.mistake else "")
        self._tries[look] += 1
        _display(card(part, verdict, self._tries[look], self._last_hint, last))

    def _examine(self, part: Part, answer: Any) -> Verdict:
        from helpers import progress
        from helpers.checks.parts import examine, explain

        verdict = explain(part, answer, examine(part, answer, lab=self._lab))
        if verdict.status == "right":
            progress.check_passed(self.name, part.name)
        return verdict

    def progress(self) -> None:
        """Check every part again, and say in one line how far you are."""
        if self._lab is None:
            return
        import __main__
        from helpers.checks.parts import Verdict
        from helpers.checks.report import progress_line

        rows = []
        for part in self._lab.parts:
            answer = getattr(__main__, part.name, None)
            nothing = dict.fromkeys(part.points, 0)
            verdict = Verdict(part.name, "not written", nothing) if answer is None else self._examine(part, answer)
            rows.append((part, verdict))
        _display(progress_line(rows))


class Gaps(Check):
    """`NAME = check.NAME(NAME)` shows what a check shows, and gives the function with which the lesson goes on: the
    reader's if it is right, else the solution, which may call the solutions of earlier gaps."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._quiet, self._lab = self._lab is None, load(name)
        self._module = f"{__name__}.{name}"  # a lab's check takes the solution of a lesson for what it is: ours

    def __dir__(self) -> list[str]:
        return [part.name for part in self._lab.parts]

    @cached_property
    def _solutions(self) -> dict[str, Any]:
        import math

        import numpy as np

        scope = {"__name__": self._module, "np": np, "math": math}
        for name, source in self._lab.solutions.items():
            exec(compile(source, f"<solution of {name}>", "exec"), scope)
        return scope

    def _answer(self, part: Part, answer: Any) -> Any:
        from helpers.checks.parts import Verdict, unwritten
        from helpers.checks.report import GOES_ON, LEFT, UNWRITTEN, UNWRITTEN_NOW, YOURS

        verdict = replace(self._examine(part, answer), unready=())  # an earlier gap is right, or solved, by now
        right, ours = verdict.status == "right", getattr(answer, "__module__", None) == self._module
        last = YOURS if right else GOES_ON
        if not right and (ours or (found := unwritten(answer))):
            beside = not ours and ast.Expr in found and verdict.status != "not written"  # `...` beside other code
            verdict = Verdict(part.name, "not written", {}, UNWRITTEN_NOW if ours else UNWRITTEN)
            last = LEFT if beside else ""
        if not self._quiet:
            self._show(part, verdict, last)
        return answer if right else self._solutions[part.name]


def points(name: str, part: str, answer: Any) -> float:
    """The points of one part on the inputs of `course selfgrade`: what a hidden test of nbgrader's ends with.

    (`course grade` asks others, drawn with the instructor's seed.)
    """
    from helpers.checks.parts import PRACTICE, examine

    lab = load(name)
    wanted = lab.part(part)
    verdict = examine(wanted, answer, PRACTICE, lab)
    print(f"{part}: {verdict.points} of {wanted.full}. {verdict.reason}".rstrip())
    return float(verdict.points)


def _display(shown: Static) -> None:
    if runtime.in_notebook():
        from IPython.display import display

        display(shown)
    else:
        print(shown)
