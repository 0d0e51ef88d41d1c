"""A lab's part as it is used to judge answers: rules, cases with what is expected, and what known mistakes give.

All of it is data, made from the folder of the lab by `course labs build` (`course.authoring` draws the cases, runs the
right answer and the wrong ones). Nothing here holds a right answer, except for the gaps of a lesson, whose solutions
the lesson shows.
"""

from __future__ import annotations

import ast
import dis
import functools
import inspect
import itertools
import linecache
import sys
import textwrap
import traceback
import types
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from helpers.checks import toys, values

VISIBLE, PRACTICE = "visible", "practice"  # the inputs that the check shows; those of `course selfgrade`
SHORT_CUTS = frozenset({"eval", "exec", "compile", "__import__", "globals", "vars", "getattr", "setattr", "open"})
# what any answer may import, because it does no part's job, and leads to a file or a reference only by a back door
STANDARD = frozenset(
    {
        "abc",
        "array",
        "bisect",
        "cmath",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "heapq",
        "itertools",
        "math",
        "numbers",
        "operator",
        "pprint",
        "random",
        "re",
        "statistics",
        "string",
        "sys",
        "textwrap",
        "time",
        "tqdm",
        "typing",
        "unicodedata",
        "warnings",
    }
)
# names of attributes that lead from what is allowed to what is not
BACK_DOORS = frozenset(
    {
        "__getattribute__",
        "__getattr__",
        "__globals__",
        "__builtins__",
        "__subclasses__",
        "__dict__",
        "__self__",
        "modules",
        "meta_path",
        "path_hooks",
        "_getframe",
        "_getframemodulename",
        "_current_frames",
        "_current_exceptions",
        "call_tracing",
        "settrace",
        "setprofile",
        "addaudithook",
        "exc_info",
        "last_exc",
        "last_traceback",
        "__traceback__",
        "tb_frame",
        "f_back",
        "f_globals",
        "f_locals",
        "f_builtins",
        "gi_frame",
        "attrgetter",
        "methodcaller",
        "get_field",
        "get_type_hints",
        "ForwardRef",
        "evaluate_forward_ref",
        "make_dataclass",
        "_create_fn",
        "_sys",
        "sys",
        "_os",
        "os",
        "_inspect",
        "inspect",
        "importlib",
        "builtins",
        "subprocess",
        "ctypes",
        "gc",
        "linecache",
    }
)
Status = Literal["right", "wrong", "error", "not written", "not allowed", "missing"]


@dataclass(frozen=True)
class Case:
    """One question to an answer: plain data, and the aspect whose points depend on it.

    `expected` is the right answer's output or, in a part with a judge, what the judge has to know.
    """

    inputs: tuple[Any, ...]
    aspect: str
    expected: Any = None


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people give: what it looks like, and hints in steps (the first asks, the last shows)."""

    name: str
    says: str
    hints: tuple[str, ...]
    sign: Callable[..., bool] | None = None  # takes (inputs, expected, outcome); must be true wherever it is wrong


@dataclass
class Questions:
    """The cases drawn with one seed, smallest first, and what known wrong answers give: (mistake, outcome by case).

    `known` may be a function that works this out, since it is needed only when an answer is wrong.
    """

    cases: list[Case]
    known: list[tuple[Mistake, list[Outcome]]] | Callable[[], list[tuple[Mistake, list[Outcome]]]] = ()

    def mistakes(self) -> list[tuple[Mistake, list[Outcome]]]:
        """Return what the known wrong answers give."""
        if callable(self.known):
            self.known = self.known()
        return self.known

    @property
    def inputs(self) -> list[tuple[Any, ...]]:
        return [case.inputs for case in self.cases]


@dataclass
class Part:
    """One part of a lab. `points` are given by aspect, and those of an aspect are earned if all its cases are right."""

    name: str  # of the function (or the variable) that the student writes
    title: str
    points: Mapping[str, int]
    hints: tuple[str, ...] = ()  # for an answer that looks like no known mistake
    imports: frozenset[str] = frozenset({"numpy", "math", "collections", "itertools", "functools"})
    banned: frozenset[str] = frozenset()  # names of library functions and methods that do the whole job
    uses: tuple[str, ...] = ()  # earlier parts that it may call
    rtol: float = 1e-5
    atol: float = 1e-6
    stretch: bool = False
    is_value: bool = False  # the student fills in a value, not a function
    tuples: bool = False  # where the right answer holds a tuple, a list is wrong, as the question states
    judge: Any = None  # its name; once loaded, `judge(inputs, expected, output)` gives what is wrong, or None
    mistakes: list[Mistake] = field(default_factory=list)
    questions: dict[str, Questions] = field(default_factory=dict)

    @property
    def full(self) -> int:
        """The points of a right answer."""
        return sum(self.points.values())

    @property
    def group(self) -> Literal["core", "stretch", "written"]:
        return "written" if self.is_value else "stretch" if self.stretch else "core"

    def rules(self) -> dict[str, Any]:
        """Return what a process that runs answers must know about this part: plain data, and no cases."""
        named = {"imports": self.imports, "banned": self.banned, "uses": self.uses}
        return {"name": self.name, "is_value": self.is_value} | {key: sorted(names) for key, names in named.items()}

    @classmethod
    def from_rules(cls, rules: Mapping[str, Any]) -> Part:
        """Return a part that can run answers but cannot judge them."""
        named = {key: frozenset(rules[key]) for key in ("imports", "banned")}
        return cls(rules["name"], "", {}, uses=tuple(rules["uses"]), is_value=rules["is_value"], **named)

    def problem(self, case: Case, output: Any) -> str | None:
        """Return what is wrong with the plain data `output` as an answer to `case`, or None if it is right."""
        if self.judge:
            return self.judge(toys.fresh(case.inputs), case.expected, output)
        different = values.difference(case.expected, output, rtol=self.rtol, atol=self.atol)
        return different or (values.list_for_tuple(case.expected, output) if self.tuples else None)


def _nothing() -> None:
    """Do nothing, for judges that need nothing that takes a while to load."""


@dataclass
class Lab:
    """The parts of a lab, in order."""

    name: str
    title: str
    parts: list[Part]
    prepare: Callable[[], Any] = _nothing  # loads what its judges need and takes a while, such as a model
    solutions: Mapping[str, str] = field(default_factory=dict)  # for a lesson, the source by part; a lab has none

    @property
    def full(self) -> int:
        """The points that a machine gives for right answers; those of written answers are added to them."""
        return sum(part.full for part in self.parts)

    def part(self, name: str) -> Part:
        """Return the part of this name. Raises ValueError with the names of all parts if there is none."""
        for part in self.parts:
            if part.name == name:
                return part
        raise ValueError(f"{self.name} has no part {name!r}; its parts are {', '.join(p.name for p in self.parts)}.")


# --- as data ----------------------------------------------------------------------------------------


def from_data(data: Mapping[str, Any]) -> Lab:
    """Make a lab from what `course labs build` wrote about it (`course.authoring.to_data`)."""
    scope: dict[str, Any] = {"__name__": f"judges of {data['name']}", None: None}
    exec(compile(data["judges"], f"<judges of {data['name']}>", "exec"), scope)

    def outcome(one: Any, case: Case) -> Outcome:
        if one is None:
            return Outcome(case.expected)
        if "error" in one:
            return Outcome(error=f"{one['error']}: ", foreign=one["foreign"])
        return Outcome(values.from_json(one["output"]))

    def asked(row: Mapping[str, Any], mistakes: Mapping[str, Mistake]) -> Questions:
        cases = [
            Case(tuple(values.from_json(c["inputs"])), c["aspect"], values.from_json(c["expected"]))
            for c in row["cases"]
        ]
        known = [(mistakes[name], [outcome(*pair) for pair in zip(rows, cases)]) for name, rows in row["known"]]
        return Questions(cases, known)

    parts = []
    for row in data["parts"]:
        mistakes = {name: Mistake(name, says, tuple(hints), scope[sign]) for name, says, hints, sign in row["mistakes"]}
        made = {key: row[key] for key in ("name", "title", "points", "rtol", "atol", "stretch", "is_value", "tuples")}
        made |= {key: tuple(row[key]) for key in ("hints", "uses")}
        made |= {key: frozenset(row[key]) for key in ("imports", "banned")}
        questions = {kind: asked(one, mistakes) for kind, one in row["questions"].items()}
        made |= {"judge": scope[row["judge"]], "mistakes": list(mistakes.values()), "questions": questions}
        parts.append(Part(**made))
    return Lab(data["name"], data["title"], parts, scope.get("prepare", _nothing), data.get("solutions", {}))


@dataclass(frozen=True)
class Outcome:
    """The result of one case: plain data, or the error that came instead."""

    output: Any = None
    error: str | None = None  # "ValueError: …"
    where: str = ""  # the student's line
    foreign: bool = False

    @property
    def kind(self) -> str | None:
        return self.error and self.error.partition(":")[0]


@dataclass(frozen=True)
class Verdict:
    """The judgment on an answer: points by aspect, and what to tell the student."""

    part: str
    status: Status
    earned: Mapping[str, int]
    reason: str = ""
    mistake: Mistake | None = None
    case: Case | None = None
    expected: Any = None
    got: Outcome | None = None
    agree: tuple[int, int] = (0, 0)  # the number of right cases, and of all cases
    borrowed: tuple[str, ...] = ()  # earlier parts that were replaced by right ones
    unready: tuple[str, ...] = ()  # earlier parts that it calls and that are not right yet

    @property
    def points(self) -> int:
        return sum(self.earned.values())


# --- running an answer ------------------------------------------------------------------------------


def run(answer: Any, case: Case) -> Outcome:
    """Call `answer` on a copy of the case's inputs."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inputs = toys.fresh(case.inputs)
            output = answer(*inputs) if callable(answer) else answer
            if inspect.isgenerator(output):
                output = list(output)
        return Outcome(values.plain(output))
    except values.ForeignType as error:
        return Outcome(error=f"TypeError: {error}", foreign=True)
    except Exception as error:
        return Outcome(error=f"{type(error).__name__}: {error}"[:2000], where=_students_line(error)[:500])


def _students_line(error: BaseException) -> str:
    """Return the deepest line of the traceback that is neither ours nor a library's."""
    here = __file__.rsplit("/", 1)[0].rsplit("\\", 1)[0]
    found = ""
    for frame in traceback.extract_tb(error.__traceback__):
        library = (
            "site-packages" in frame.filename or "dist-packages" in frame.filename or "/lib/python" in frame.filename
        )
        if frame.filename.startswith(here) or library:
            continue
        source = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
        found = f"line {frame.lineno}, in {frame.name}: {source}"
    return found


def short_cuts(part: Part, answer: Any, besides: Iterable[str] = ()) -> list[str]:
    """List the imports, functions and methods that the answer uses although the student should write them.

    This follows the student's own functions, classes and objects as far as the names in their bytecode lead. It also
    looks into earlier parts, except those in `besides`, which are examined separately.
    """
    found: list[str] = []
    seen: dict[int, Any] = {}  # by id; the values are kept so that no id is used twice

    def foreign(value: Any, name: str) -> str | None:
        module = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
        if not isinstance(module, str) or module in ("__main__", "builtins"):
            return None
        root = module.partition(".")[0].removeprefix("_")
        if root in part.imports | STANDARD or isinstance(value, (int, float, str, list, dict, tuple, np.ndarray)):
            return None
        return module if isinstance(value, types.ModuleType) else f"{module}.{name}"

    def walk(code: types.CodeType, scope: Mapping[str, Any]) -> None:
        steps = list(dis.get_instructions(code))
        for before, step in zip([steps[0], *steps], steps):
            name = step.argval
            if step.opname == "IMPORT_NAME" and name.partition(".")[0] not in part.imports | STANDARD:
                found.append(f"import {name}")
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM") and name in part.banned | BACK_DOORS:
                found.append(name)
            elif step.opname == "MATCH_CLASS":  # `case object(softmax=f)` reads attributes, too
                named = before.argval if isinstance(before.argval, tuple) else ()
                found.extend(name for name in named if name in part.banned | BACK_DOORS)
            elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF"):
                if name not in scope:
                    if name in SHORT_CUTS:
                        found.append(name)
                elif name not in besides:
                    look(scope[name], name)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                walk(constant, scope)

    def look(value: Any, name: str) -> None:
        if id(value) in seen:
            return
        seen[id(value)] = value
        kind = type(value)
        inside: Iterable[Any] = ()
        if kind is types.FunctionType and {"__main__", None} & {value.__module__, value.__globals__.get("__name__")}:
            scope, home = value.__globals__, str(value.__globals__.get("__name__"))
            closure = _enclosed(value)
            inside = (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
            wrapper = home in sys.stdlib_module_names and getattr(sys.modules.get(home), "__dict__", None) is scope
            if wrapper and home != "__main__":  # the standard library's, around a function of the student's
                inside += tuple(closure.values())
            else:
                walk(value.__code__, {**scope, **closure})
        elif kind in (types.MethodType, staticmethod, classmethod):
            inside = (value.__func__, getattr(value, "__self__", None))
        elif kind is functools.partial:
            inside = (value.func, *value.args, *value.keywords.values())
        elif kind is np.vectorize:
            inside = (value.pyfunc,)
        elif kind is property:
            inside = (value.fget,)
        elif kind in (list, tuple, set, frozenset):
            inside = itertools.islice(value, 1000)
        elif kind is dict:
            inside = itertools.islice(value.values(), 1000)
        elif "__main__" in (kind.__module__, getattr(value, "__module__", None)):  # a student's class or object
            own = [
                v for k, v in getattr(value, "__dict__", {}).items() if k[:2] != "__" or type(v) is types.FunctionType
            ]
            above = value.__bases__ if isinstance(value, type) else (kind,)
            inside = own + [c for c in above if c.__module__.partition(".")[0] not in sys.stdlib_module_names]
        elif library := foreign(value, name):
            found.append(library)
        elif callable(value):
            built_in = SHORT_CUTS if getattr(value, "__module__", None) == "builtins" else frozenset()
            names = {getattr(value, "__name__", None), kind.__name__}  # kind: `attrgetter("x")` is an object
            found.extend(names & (part.banned | BACK_DOORS | built_in))
        for item in inside:
            look(item, name)

    if callable(answer):
        look(answer, getattr(answer, "__name__", part.name))
    return list(dict.fromkeys(found))


def _enclosed(function: types.FunctionType) -> dict[str, Any]:
    """Return the variables around a function that it uses, except those that have no value yet."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        with suppress(ValueError):  # the cell is empty
            found[name] = cell.cell_contents
    return found


def answer_all(part: Part, answer: Any, cases: Iterable[Case]) -> list[Outcome]:
    return [run(answer, case) for case in cases]


# --- judging ----------------------------------------------------------------------------------------


def examine(part: Part, answer: Any, kind: str = VISIBLE, lab: Lab | None = None) -> Verdict:
    """Judge an answer as the check in the lab does: run it, compare, and look for the mistake it resembles.

    With `lab`, the verdict on an answer that fails lists the earlier parts it calls that are not right either, because
    they must be corrected first.
    """
    nothing = dict.fromkeys(part.points, 0)
    if not part.is_value and not callable(answer):
        reason = f"{part.name} is not a function, but {values.describe(answer)}."
        return Verdict(part.name, "missing", nothing, reason)
    if names := short_cuts(part, answer, part.uses):
        return Verdict(part.name, "not allowed", nothing, refusal(part, names))
    questions = part.questions[kind]
    verdict = judge(part, questions, answer_all(part, answer, questions.cases))
    if verdict.status == "right" or not (part.uses and lab):
        return verdict
    scope = getattr(answer, "__globals__", {})
    calls = [name for name in part.uses if name in _names_in(answer)]
    wrong = [name for name in calls if examine(lab.part(name), scope.get(name), kind, lab).status != "right"]
    return replace(verdict, unready=tuple(wrong))


def _names_in(answer: Any) -> set[str]:
    """Return the names in a function's code and in the code inside it."""
    names: set[str] = set()
    codes = [getattr(answer, "__code__", None)]
    while codes:
        code = codes.pop()
        if isinstance(code, types.CodeType):
            names |= set(code.co_names)
            codes += code.co_consts
    return names


def refusal(part: Part, found: list[str]) -> str:
    allowed = ", ".join(sorted(part.imports - STANDARD))
    beside = f"{allowed} and modules" if allowed else "modules"
    return (
        f"Your answer uses {', '.join(found[:8])}. Write this part yourself. Here you may import {beside} of Python's "
        "standard library that do not do the job for you, such as collections, math and sys."
    )


def judge(part: Part, questions: Questions, outcomes: list[Outcome], borrowed: tuple[str, ...] = ()) -> Verdict:
    """Turn outcomes into a verdict. They may come from another machine, because this needs no code of the student's."""
    cases = questions.cases
    problems = [o.error or part.problem(c, o.output) for c, o in zip(cases, outcomes, strict=True)]
    wrong = {case.aspect for case, problem in zip(cases, problems) if problem}
    earned = {aspect: 0 if aspect in wrong else points for aspect, points in part.points.items()}
    agree = (problems.count(None), len(cases))
    if not wrong:
        return Verdict(part.name, "right", earned, agree=agree, borrowed=borrowed)
    first = next(i for i, problem in enumerate(problems) if problem)
    case, outcome = cases[first], outcomes[first]
    if all(o.kind == "NotImplementedError" for o in outcomes):
        missing = next((name for name in part.uses if f", in {name}: " in outcome.where), None)
        reason = f"It calls {missing}, which is not written yet." if missing else "Not written yet."
        return Verdict(part.name, "not written", earned, reason, agree=agree)
    if not part.is_value and all(o.error is None and o.output is None for o in outcomes):
        reason = "It returns None. Is there a `return`?"
        return Verdict(part.name, "not written", dict.fromkeys(earned, 0), reason, case=case, got=outcome, agree=agree)
    mistake = resembling(part, questions, outcomes, problems) or _nearly(part, cases, outcomes, problems)
    expected = None if part.judge else case.expected
    status: Status = "error" if outcome.error and not outcome.foreign and not mistake else "wrong"
    reason = str(outcome.error or problems[first])[:2000]
    return Verdict(part.name, status, earned, reason, mistake, case, expected, outcome, agree, borrowed)


def resembling(part: Part, questions: Questions, outcomes: list[Outcome], problems: list[str | None]) -> Mistake | None:
    """Find the known mistake that gives the same outcome wherever the answer is wrong, and most often elsewhere, too.

    If none does on all cases, the answer may make two mistakes, and then only the first aspect that fails decides.
    """
    cases = questions.cases
    aspect = next(case.aspect for case, problem in zip(cases, problems) if problem)
    for rows in (range(len(cases)), [i for i, case in enumerate(cases) if case.aspect == aspect]):
        best, most = None, 0
        for mistake, known in questions.mistakes():
            same = [_alike(part, known[i], outcomes[i]) for i in rows]
            if sum(same) > most and all(alike or not problems[i] for alike, i in zip(same, rows)):
                best, most = mistake, sum(same)
        if best:
            return best
    wrong = [(case, outcome) for case, outcome, problem in zip(cases, outcomes, problems) if problem]
    signs = [mistake for mistake in part.mistakes if mistake.sign]
    return next((mistake for mistake in signs if all(_shows(mistake, *pair) for pair in wrong)), None)


def _shows(mistake: Mistake, case: Case, outcome: Outcome) -> bool:
    try:
        return bool(mistake.sign(toys.fresh(case.inputs), case.expected, outcome))
    except Exception:  # it looks at what a student's function gave, and that can be anything
        return False


def _alike(part: Part, one: Outcome, other: Outcome) -> bool:
    if one.error or other.error:
        return one.kind == other.kind and one.foreign == other.foreign
    return values.difference(one.output, other.output, rtol=part.rtol, atol=part.atol) is None


IMPRECISE = Mistake(
    "too little precision",
    "Your numbers are nearly right, but they differ from the right ones by more than rounding would explain.",
    (
        "Do you round somewhere, or leave float64 (`round`, `float32`, `float16`, torch's `.float()`)? Is a constant "
        "cut off, such as 2.718 for e?",
        "Compute in float64 (`torch.float64`, `np.float64`) from the first step on, with `np.exp` and `math.pi`, and "
        "do not round.",
    ),
)


OTHER_TYPE = Mistake(
    "right values of another type",
    "The values are right, but their type is not. Integers, floats and booleans count as different here.",
    (
        "What is `type(x)` or `x.dtype` for your result, and which type should it be?",
        "Convert at the end: `int(x)`, `[int(x) for x in result]`, `.astype(int)` or `.astype(bool)`.",
    ),
)


def _nearly(part: Part, cases: list[Case], outcomes: list[Outcome], problems: list[str | None]) -> Mistake | None:
    """Return too little precision, or another type, if nothing else is wrong in the first aspect that fails."""
    if part.judge or part.is_value:
        return None
    aspect = next(case.aspect for case, problem in zip(cases, problems) if problem)
    rows = [(c, o) for c, o, problem in zip(cases, outcomes, problems) if problem and c.aspect == aspect]
    if any(outcome.error for _, outcome in rows):
        return None
    pairs = [(case.expected, outcome.output) for case, outcome in rows]
    if part.tuples and any(values.list_for_tuple(*pair) for pair in pairs):
        return None
    if not any(values.difference(*pair, rtol=0.01, atol=100 * part.atol) for pair in pairs):
        return IMPRECISE
    same = (values.same_but_for_type(*pair, rtol=part.rtol, atol=part.atol) for pair in pairs)
    return OTHER_TYPE if all(same) else None


# --- what only the answer itself shows --------------------------------------------------------------


NOT_ITS_ARGUMENTS = "a variable of the notebook instead of the argument"


def explain(part: Part, answer: Any, verdict: Verdict) -> Verdict:
    """Add to the verdict what can be seen only in the answer itself and not in its outcomes.

    This is code next to a `raise` that was left in and, if no mistake has a name, an answer that reads the
    notebook's variables instead of its arguments, or remembers earlier calls.
    """
    if verdict.status == "not written" and _written_beside_raise(answer):
        reason = (
            "You have written code, but it still stops at `raise NotImplementedError()`. Is the raise line still there?"
        )
        return replace(verdict, reason=f"{reason} If so, delete it.")
    if verdict.status in ("wrong", "error") and not verdict.mistake and not part.is_value:
        return replace(verdict, mistake=_not_its_arguments(answer) or _remembers(answer, verdict))
    return verdict


def left_open(code: ast.AST) -> list[type[ast.stmt]]:
    """List the statements of a gap that are still to be written: a line `...`, `x = ...`, `return x, ...`."""
    found = []
    for line in ast.walk(code):
        value = getattr(line, "value", None) if isinstance(line, ast.stmt) else None
        items = value.elts if isinstance(value, ast.Tuple) else [value]
        found += [type(line)] * any(isinstance(item, ast.Constant) and item.value is ... for item in items)
    return found


def unwritten(answer: Any) -> list[type[ast.stmt]]:
    """Return what is left open in the function of a gap, or nothing if its source is not available."""
    return left_open(_source(answer) or ast.Pass())


def _source(answer: Any) -> ast.stmt | None:
    """Return the parsed `def` of a function, or None if its source is not available."""
    try:
        (function,) = ast.parse(textwrap.dedent(inspect.getsource(answer))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    return function


def _written_beside_raise(answer: Any) -> bool:
    function = _source(answer)

    def is_text(line: ast.stmt) -> bool:
        return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)

    body = getattr(function, "body", [])
    return any(not isinstance(line, (ast.Raise, ast.Pass)) and not is_text(line) for line in body)


def _not_its_arguments(answer: Any) -> Mistake | None:
    """Return the mistake of a function that never reads one of its arguments but reads a variable of the notebook."""
    code, scope = getattr(answer, "__code__", None), getattr(answer, "__globals__", {})
    if not isinstance(code, types.CodeType):
        return None
    read: set[str] = set(code.co_cellvars)
    outside: list[str] = []
    for step in dis.get_instructions(code):
        if "LOAD" in step.opname and "FAST" in step.opname:
            read.update(step.argval if isinstance(step.argval, tuple) else [step.argval])
        elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval in scope:
            value = scope[step.argval]
            if not callable(value) and not isinstance(value, types.ModuleType):
                outside.append(step.argval)
    unread = [name for name in code.co_varnames[: code.co_argcount] if name not in read]
    if not unread or not outside:
        return None
    return Mistake(
        NOT_ITS_ARGUMENTS,
        f"`{answer.__name__}` never reads its argument `{unread[0]}`; it reads `{outside[0]}`, a variable of the "
        "notebook.",
        (
            f"What is `{unread[0]}` in the call above, and what is `{outside[0]}`?",
            f"Write `{unread[0]}` where you wrote `{outside[0]}`: a function should work on what it is given.",
        ),
    )


def _remembers(answer: Any, verdict: Verdict) -> Mistake | None:
    """Return the mistake of a function that gives a different result when it is called again with the same inputs."""
    if verdict.case is None or verdict.got is None:
        return None
    again = run(answer, verdict.case)
    if again.error or verdict.got.error:
        same = again.kind == verdict.got.kind
    else:
        same = values.difference(verdict.got.output, again.output, rtol=0, atol=0) is None
    return None if same else REMEMBERS


REMEMBERS = Mistake(
    "it remembers earlier calls",
    "Called twice with the same inputs, your function gives two different results. Something is left over from an "
    "earlier call (or it uses random numbers).",
    (
        "Where do you create the list, dict or counter that you fill: inside the function, outside it, or in the `def` "
        "line, as in `def f(x, found={})`?",
        "Create it in the first line of the function: `found = {}`. A default value is created only once, at `def`.",
    ),
)

EVERYWHERE = frozenset({IMPRECISE.name, OTHER_TYPE.name, REMEMBERS.name, NOT_ITS_ARGUMENTS})
"""The names of mistakes that every part knows."""
