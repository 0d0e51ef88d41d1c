"""A lab as its author writes it, in the one folder solutions/NAME, and the data that a check is made from.

The gaps of a lesson are written in the same way, but without a notebook of their own; see course/gaps.py.

    NAME.ipynb        the source: questions, solutions and hidden tests; the right answers are its solution cells
    checks.py         parts, points, and how the inputs of cases are drawn
    mistakes.toml     each known mistake: its sentence, hints in steps, and perhaps a sign
    judges.py         finds what is wrong with an answer where several are right; signs of mistakes (may be absent)
    answers/PART/     wrong/ has the known mistakes, right/ other right answers, and held_out/ wrong ones that are not
                      compiled and measure whether a check names a mistake in an answer that it has not seen

In checks.py:

    softmax = Part("softmax", "A stable softmax", points={"shares": 2, "large scores": 1})

    @softmax.cases
    def softmax_cases(rng):                      # smallest first: the first case that fails is the one shown
        yield Case((np.array([0.0, np.log(3)]),), "shares")
        yield Case((rng.normal(size=(3, 5)),), "shares")
        yield Case((rng.normal(size=4) + 1000,), "large scores")

    LAB = Lab("lab02_attention", "Attention", [softmax])

`drawn` draws until the inputs are as a case needs them, and `written_numbers()` is the part for the numbers of a
written answer.
"""

from __future__ import annotations

import ast
import copy
import math
import re
import signal
import threading
import tomllib
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from course import places
from helpers.checks import own_folder, parts, values
from helpers.checks.parts import EVERYWHERE, PRACTICE, VISIBLE, Case, Lab, Mistake, Outcome, Questions

__all__ = ["Case", "Lab", "Part", "drawn", "written_numbers"]

LESSON = "lesson"  # the name of a folder with a lesson's gaps begins with this
HIDDEN = "hidden"  # inputs drawn with the instructor's seed
SEEDS = {VISIBLE: 1, PRACTICE: 2}
DRAWS = 5000  # after these, `drawn` gives up
SECONDS = 60  # for running an answer twice on the inputs of its part
NOT_COMPILED = EVERYWHERE | {"-", "not allowed"}


def is_lesson(name: str) -> bool:
    """Whether a folder in solutions/ holds the gaps of a lesson; the others hold labs."""
    return name.startswith(LESSON)


class Part(parts.Part):
    """A part that can draw its cases; `judge` is the name of a function in judges.py."""

    def cases(self, function: Callable[[np.random.Generator], Iterable[Case]]) -> Callable[..., Iterable[Case]]:
        """Decorate the function that draws the cases, smallest first."""
        self.draw_cases = function
        return function

    def draw(self, seed: int) -> list[Case]:
        """Return the cases for a seed. Raises ValueError if an aspect has no case or a case has no points."""
        function = getattr(self, "draw_cases", None)
        if function is None:
            raise ValueError(f"{self.name} has no cases: write a function that yields some under @{self.name}.cases.")
        with _one_line(function.__code__.co_filename):
            cases = list(function(np.random.default_rng([seed, *self.name.encode()])))
        if {case.aspect for case in cases} != set(self.points):
            raise ValueError(f"{self.name}: the aspects of the cases are not those of the points")
        return cases


def drawn(wanted: Callable[[Any], bool], draw: Callable[[], Any]) -> Any:
    """Draw until something is `wanted`, and return it. Raises ValueError if that takes too many draws."""
    for _ in range(DRAWS):
        thing = draw()
        if wanted(thing):
            return thing
    raise ValueError(f"none of {DRAWS:,} drawn inputs is as the case needs it")


def written_numbers(aspect: str = "measured") -> Part:
    """Return the part with the numbers of a lab's written answer, which `written_numbers` in judges.py checks."""
    part = Part(
        "written_numbers",
        "The numbers of your written answer",
        points={aspect: 1},
        is_value=True,
        judge="written_numbers",
    )
    part.cases(lambda rng: [Case((), aspect)])
    return part


@dataclass(frozen=True)
class Answer:
    """A file in answers/PART/{wrong,right,held_out}/."""

    path: Path
    part: str
    kind: str
    mistake: str = ""  # "-" if none has to be named, "not allowed" if it is refused for what it uses

    @property
    def right(self) -> bool:
        return self.kind == "right"


class Source:
    """Reads the folder of a lab. Raises ValueError if something is missing or malformed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, folder.name
        self.notebook, self.checks = folder / f"{self.name}.ipynb", folder / "checks.py"
        self.mistakes, self.judges = folder / "mistakes.toml", folder / "judges.py"
        if not self.checks.is_file():
            raise ValueError(f"{self.name} has no {self.checks}.")
        defined = _execute(self.checks.read_text("utf-8"), self.checks, {"__name__": f"checks of {self.name}"})
        if not isinstance(defined.get("LAB"), Lab):
            raise ValueError(f'{self.checks} has no line LAB = Lab("{self.name}", "TITLE", [PART, …])')
        self.authored: Lab = defined["LAB"]
        self._read_mistakes()

    @cached_property
    def judges_scope(self) -> dict[str | None, Any]:
        """What judges.py defines, by name; None means that there is no judge."""
        scope: dict[str | None, Any] = {"__name__": f"judges of {self.name}", None: None}
        return _execute(self.judges_text, self.judges, scope)

    @property
    def judges_text(self) -> str:
        return self.judges.read_text("utf-8") if self.judges.is_file() else ""

    def _read_mistakes(self) -> None:
        try:
            tables = tomllib.loads(self.mistakes.read_text("utf-8"))
        except OSError:
            raise ValueError(f"{self.name} has no {self.mistakes}.") from None
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{self.mistakes}: {error}") from None
        if strangers := tables.keys() - {part.name for part in self.authored.parts}:
            raise ValueError(f"{self.mistakes}: {self.name} has no part {', '.join(sorted(strangers))}.")
        for part in self.authored.parts:
            part.mistakes = []
            for name, table in tables.get(part.name, {}).items():
                if not isinstance(table, dict):
                    raise ValueError(f'{self.mistakes}: a mistake begins with a line [{part.name}."ITS NAME"]')
                if odd := (table.keys() ^ {"says", "hints"}) - {"sign"}:
                    raise ValueError(f"{self.mistakes}: {part.name}, {name!r}: `says` and `hints`, not {sorted(odd)}.")
                part.mistakes.append(Mistake(name, table["says"], tuple(table["hints"]), table.get("sign")))

    @cached_property
    def scope(self) -> dict[str, Any]:
        """The names that an answer finds in the notebook: NumPy, imports, and the right answers of solution cells."""
        scope: dict[str, Any] = {"__name__": "__main__", "np": np, "math": math}
        for path in self.solutions.values():
            _execute(path.read_text("utf-8"), path, scope)
        if self.solutions:
            return scope
        needed = {part.name for part in self.authored.parts if not part.judge}  # a judge needs no right answer
        names = needed.union(*(part.uses for part in self.authored.parts))
        for cell in places.read_notebook(self.notebook).cells:
            if cell.cell_type != "code" or cell.id == "setup":
                continue
            place = f"{self.notebook}, cell {cell.id}"
            with _one_line(place):
                code = _python(cell.source)
            if cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") not in names:
                code = [line for line in code if isinstance(line, ast.Import | ast.ImportFrom)]
            _execute(ast.Module(code, []), place, scope)
        return scope

    @property
    def solutions(self) -> dict[str, Path]:
        """The file that each fold of a lesson shows. A lab has none, since its answers are cells of its notebook."""
        parts = self.authored.parts if is_lesson(self.name) else ()
        return {part.name: self.folder / f"answers/{part.name}/right/solution.py" for part in parts}

    def right(self, part: str) -> Any:
        """Return the solution cell's function. Raises ValueError if the notebook has none."""
        if part not in self.scope:
            raise ValueError(f"{self.notebook} has no answer cell that defines {part}.")
        return self.scope[part]

    @cached_property
    def answers(self) -> list[Answer]:
        """Every file of answers/. Raises ValueError for a wrong one without a name or a folder that fits no part."""
        names, answers = [part.name for part in self.authored.parts], []
        for path in sorted((self.folder / "answers").glob("*/*/*.py")):
            part, kind = path.parent.parent.name, path.parent.name
            if part not in names or kind not in ("right", "wrong", "held_out"):
                raise ValueError(
                    f"{path}: an answer lies in PART/right, PART/wrong or PART/held_out, and the parts of {self.name} "
                    f"are {', '.join(names)}. Rename the folder or delete it."
                )
            first = path.read_text("utf-8").partition("\n")[0]
            stated = re.match(r"# mistake: (.+)", first)
            if kind != "right" and not stated:
                raise ValueError(f"{path}: the first line of a wrong answer is '# mistake: ITS NAME' (or '-').")
            answers.append(Answer(path, part, kind, stated[1].strip() if stated else ""))
        return answers

    def function(self, answer: Answer) -> Any:
        """Return what the file of an answer defines, in a namespace like a notebook's where earlier parts are right."""
        part = self.authored.part(answer.part)
        scope = {"__name__": "__main__", "np": np, "math": math} | {name: self.right(name) for name in part.uses}
        scope |= self.judges_scope if part.is_value else {}  # numbers are measured as the judge measures them
        _execute(answer.path.read_text("utf-8"), answer.path, scope)
        if answer.part not in scope:
            raise ValueError(f"{answer.path} defines no {answer.part}.")
        return scope[answer.part]

    # --- from the folder to data ------------------------------------------------------------------

    def lab(self, seeds: dict[str, int] = SEEDS) -> Lab:
        """Return the lab with questions of each kind in `seeds`, as `helpers.checks.load` does for the two it ships."""
        scope, compiled = self.judges_scope, []
        for authored in self.authored.parts:
            part = copy.copy(authored)
            part.questions = {}
            try:
                part.judge = scope[authored.judge]
                part.mistakes = [replace(mistake, sign=scope[mistake.sign]) for mistake in authored.mistakes]
            except KeyError as missing:
                raise ValueError(f"{self.judges} has no function {missing}, which {part.name} names.") from None
            for kind, seed in seeds.items():
                part.questions[kind] = self.questions(part, seed)
            compiled.append(part)
        return Lab(self.name, self.authored.title, compiled, scope.get("prepare", parts._nothing))

    def data(self) -> dict[str, Any]:
        """Return what the checks know, as JSON.

        For a lab this covers the inputs that are shown and those of selfgrade; for a lesson, the inputs that are shown
        and the solutions.
        """
        if not self.solutions:
            return to_data(self.lab(), self.judges_text)
        texts = {name: path.read_text("utf-8") for name, path in self.solutions.items()}
        return to_data(self.lab({VISIBLE: SEEDS[VISIBLE]}), self.judges_text) | {"solutions": texts}

    def questions(self, part: Part, seed: int) -> Questions:
        """The cases of a part of `lab()` for a seed, with the outputs of the right answer and of the wrong ones."""
        cases = part.draw(seed)
        if not part.judge:
            right = self.right(part.name)
            cases = [replace(case, expected=_output(right, case, part.name)) for case in cases]
        return Questions(cases, partial(self._known, part, cases))

    def _known(self, part: parts.Part, cases: list[Case]) -> list[tuple[Mistake, list[Outcome]]]:
        """Return what the wrong answers with a name give, with each kind of outcome only once."""
        by_name = {mistake.name: mistake for mistake in part.mistakes}
        known: dict[str, tuple[Mistake, list[Outcome]]] = {}
        for answer in self.answers:
            if (answer.part, answer.kind) != (part.name, "wrong") or answer.mistake in NOT_COMPILED:
                continue
            if answer.mistake not in by_name:
                raise ValueError(
                    f"{answer.path}: {self.mistakes.name} has no mistake {answer.mistake!r} of {part.name}."
                )
            with within(SECONDS, answer.path):
                first, second = (parts.answer_all(part, self.function(answer), cases) for _ in range(2))
            if all(map(_same, first, second)):  # random or remembered outcomes would differ a third time
                key = repr([answer.mistake, *((one.kind, values.dumps(one.output)) for one in first)])
                known.setdefault(key, (by_name[answer.mistake], first))
        return list(known.values())


def to_data(lab: Lab, judges: str) -> dict[str, Any]:
    """Return a lab as JSON, which `helpers.checks.parts.from_data` reads.

    `judges` is the source of the functions that its parts and mistakes name as judge or sign.
    """

    def outcome(one: Outcome, part: parts.Part, case: Case) -> Any:
        if one.error:
            return {"error": one.kind, "foreign": one.foreign}
        as_expected = not part.judge and part.problem(case, one.output) is None
        return None if as_expected else {"output": values.to_json(one.output)}

    def asked(part: parts.Part, questions: Questions) -> dict[str, Any]:
        return {
            "cases": [
                {"inputs": values.to_json(list(c.inputs)), "aspect": c.aspect, "expected": values.to_json(c.expected)}
                for c in questions.cases
            ],
            "known": [
                [mistake.name, [outcome(one, part, case) for one, case in zip(outcomes, questions.cases)]]
                for mistake, outcomes in questions.mistakes()
            ],
        }

    plain = ("name", "title", "points", "hints", "uses", "rtol", "atol", "stretch", "is_value", "tuples")
    rows = [
        {key: getattr(part, key) for key in plain}
        | {"imports": sorted(part.imports), "banned": sorted(part.banned), "judge": _called(part.judge)}
        | {"mistakes": [[m.name, m.says, list(m.hints), _called(m.sign)] for m in part.mistakes]}
        | {"questions": {kind: asked(part, questions) for kind, questions in part.questions.items()}}
        for part in lab.parts
    ]
    return {"name": lab.name, "title": lab.title, "judges": judges, "parts": rows}


def _called(function: Any) -> str | None:
    return getattr(function, "__name__", function)


@contextmanager
def _one_line(file: Path | str) -> Iterator[None]:
    """Turn an error in code that an author wrote into a ValueError that names the file and the line."""
    try:
        yield
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        where = f"{file}, line {lines[-1]}" if lines else str(file)
        raise ValueError(" ".join(f"{where}: {type(error).__name__}: {error}".split())) from None


def _execute(code: str | ast.Module, file: Path | str, scope: dict) -> dict:
    """Run the code of a file, and return `scope` with what the code defines added to it."""
    with _one_line(file):
        exec(compile(code, str(file), "exec"), scope)
    return scope


@contextmanager
def within(seconds: int, path: Path) -> Iterator[None]:
    """Raise ValueError if an answer takes longer than this, where the system can interrupt it (not on Windows)."""

    class TooLong(BaseException):
        """This is not an Exception, because that would be taken for the answer's outcome."""

    def stop(*_: Any) -> None:
        raise TooLong

    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    except TooLong:
        raise ValueError(f"{path} took more than {seconds} s on the inputs of its part: does it ever end?") from None
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _output(right: Any, case: Case, name: str) -> Any:
    outcome = parts.run(right, case)
    if outcome.error:
        raise ValueError(f"the solution of {name} fails on {values.show(case.inputs)}: {outcome.error}")
    return outcome.output


def _same(one: Outcome, other: Outcome) -> bool:
    return one.kind == other.kind and values.difference(one.output, other.output, rtol=0, atol=0) is None


def _python(code: str) -> list[ast.stmt]:
    """Return the statements of a cell without its magics."""
    return ast.parse("\n".join(line for line in code.splitlines() if not line.lstrip().startswith(("%", "!")))).body


def folder_of(name: str) -> Path:
    """Return where the source of a lab is: in the folder that COURSE_LABS names, or else in the repository."""
    own = own_folder()
    if own and (own / "solutions" / name).is_dir():
        return own / "solutions" / name
    return places.course_root() / "solutions" / name


@lru_cache(maxsize=8)
def source(folder: Path) -> Source:
    """Read a lab's folder, only once."""
    return Source(folder)


@lru_cache(maxsize=8)
def graded(name: str, seed: int) -> Lab:
    """Return a lab as the class grader uses it, with the inputs that its check shows and others drawn with the seed."""
    return source(folder_of(name)).lab({VISIBLE: SEEDS[VISIBLE], HIDDEN: seed})
