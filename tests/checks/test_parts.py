"""The judgement of an answer: what is right, which mistake it names, what it refuses, and what a student sees."""

import json
import linecache
from dataclasses import replace

import numpy as np
import pytest

from course import authoring
from course.authoring import Case, Part
from helpers import checks, progress
from helpers.checks import parts, values
from helpers.checks.parts import PRACTICE, VISIBLE, Lab, Mistake, Questions, answer_all, examine, explain
from helpers.checks.report import card, progress_line


def compiled(part, right, *mistakes):
    """The part with its questions, as `course labs build` makes them: mistakes are (name, says, hints, answer)."""
    for kind, seed in authoring.SEEDS.items():
        cases = [replace(case, expected=values.plain(right(*case.inputs))) for case in part.draw(seed)]
        known = [(Mistake(*about), answer_all(part, answer, cases)) for *about, answer in mistakes]
        part.questions[kind] = Questions(cases, known)
    return part


def simple(name, right, inputs, **settings):
    """A part with one aspect, on the same inputs with every seed."""
    part = Part(name, "", points={"all": 1}, **settings)
    part.cases(lambda rng: [Case(given, "all") for given in inputs])
    return compiled(part, right)


SIGN = "def softmax_the_scores_clipped(*_): pass\n"
double = Part(
    "double",
    "Twice",
    points={"small": 1, "large": 2},
    hints=("First?", "Then so."),
    banned=frozenset({"multiply", "nditer"}),
)


@double.cases
def double_cases(rng):
    yield Case((2,), "small")
    yield Case((int(rng.integers(3, 9)),), "small")
    yield Case((int(rng.integers(100, 999)),), "large")


compiled(
    double,
    lambda x: 2 * x,
    ("squared", "This is the square.", ("What is twice 3?", "`2 * x`."), lambda x: x * x),
    ("capped", "It stops at 100.", ("How large may x be?",), lambda x: min(2 * x, 100)),
)
quadruple = simple("quadruple", lambda x: 4 * x, [(3,), (7,)], uses=("double",))
LAB = Lab("lab", "Lab", [double, quadruple])


def written(source, name="double", **scope):
    """What a student's cell defines."""
    scope |= {"__name__": "__main__", "np": np}
    exec(source, scope)
    return scope[name]


def test_right():
    verdict = examine(double, written("def double(x): return x + x"))
    assert (verdict.status, verdict.points, verdict.agree) == ("right", 3, (3, 3))


def test_a_mistake_is_named_and_the_smallest_case_that_shows_it_is_shown():
    verdict = examine(double, written("def double(x): return x ** 2"))
    assert (verdict.status, verdict.points, verdict.mistake.name) == ("wrong", 0, "squared")
    assert verdict.case.inputs[0] > 2  # 2 ** 2 is right
    shown = card(double, verdict)
    for text in (shown.html, shown.text):
        assert "squared" in text and "What is twice 3?" in text and f"double({verdict.case.inputs[0]})" in text
    assert "2 * x" not in shown.text and "2 * x" in card(double, verdict, tries=2).text


def test_points_by_aspect():
    verdict = examine(double, written("def double(x): return min(2 * x, 100)"))
    assert (verdict.earned, verdict.mistake.name) == ({"small": 1, "large": 0}, "capped")


def test_an_unknown_mistake_says_how_much_agrees():
    verdict = examine(double, written("def double(x): return 2 * x + (x > 50)"))
    assert verdict.mistake is None and verdict.agree == (2, 3)
    assert "2 of 3 cases are right" in card(double, verdict).text and "First?" in card(double, verdict).text


def test_an_error_is_shown_at_the_students_line_without_ours():
    verdict = examine(double, written("def double(x):\n    y = x\n    return y + 'a'"))
    assert verdict.status == "error" and verdict.got.where.startswith("line 3, in double")
    assert "TypeError" in card(double, verdict).text and "parts.py" not in card(double, verdict).html


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("def double(x): raise NotImplementedError()", "not written"),
        ("def double(x): pass", "not written"),
        ("double = 3", "missing"),
        ("def double(x): return object()", "wrong"),
        ("class double:\n    def __new__(cls, x): return 5.5", "wrong"),
    ],
)
def test_no_answer(source, status):
    verdict = examine(double, written(source))
    assert (verdict.status, verdict.points) == (status, 0)
    assert card(double, verdict).text.startswith(("…", "✗"))


def test_an_object_that_equals_everything_earns_nothing():
    source = (
        "class E(int):\n    def __eq__(self, o): return True\n    __hash__ = int.__hash__\ndef double(x): return E(1)"
    )
    assert examine(double, written(source)).points == 0


@pytest.mark.parametrize(
    "source",
    [
        "from helpers.reference import attention\ndef double(x): return attention.softmax(x) * 2",
        "import torch\ndef double(x): return torch.mul(x, 2)",
        "def double(x):\n    import scipy.special\n    return x * 2",
        "def double(x): return np.multiply(x, 2)",
        "from numpy import multiply as m\ndef double(x): return m(x, 2)",
        "def inner(x): return np.multiply(x, 2)\ndef double(x): return inner(x)",
        "def double(x): return (lambda y: np.multiply(y, 2))(x)",
        "def double(x): return eval('2 * x')",
        "def double(x): return getattr(np, 'multiply')(x, 2)",
        "from helpers.reference.attention import softmax as double",
        "from numpy import nditer\ndef double(x): return [2 * x for _ in nditer([1])][0]",
        "def double(x):\n    match np:\n        case object(multiply=m): return m(x, 2)",
        "import collections\ndef double(x):\n    match collections:\n        case object(_sys=s): return 2 * x",
    ],
)
def test_what_does_the_whole_job_is_refused_by_name(source):
    verdict = examine(double, written(source))
    assert (verdict.status, verdict.points) == ("not allowed", 0)
    assert "uses" in verdict.reason and "numpy" in verdict.reason


@pytest.mark.parametrize(
    "source",
    [
        "import sys\ndef double(x): return min(2 * x, sys.maxsize)",
        "import bisect\ndef double(x): return 2 * bisect.bisect_left(range(x), x)",
        "from fractions import Fraction\ndef double(x): return int(Fraction(x, 1) * 2)",
        "import statistics, operator, string, re, heapq, random, typing, copy, time\n"
        "def double(x): return int(operator.mul(statistics.mean([x, copy.copy(x)]), 2))",
        "from dataclasses import dataclass\n@dataclass\nclass Pair:\n    a: int\n    b: int\n"
        "def double(x): return Pair(x, x).a + Pair(x, x).b",
        "from typing import NamedTuple\nclass Pair(NamedTuple):\n    a: int\n    b: int\n"
        "def double(x): return sum(Pair(x, x))",
        "from collections import namedtuple\nPair = namedtuple('Pair', 'a b')\ndef double(x): return sum(Pair(x, x))",
        "def double(x):\n    match x:\n        case int():\n            return 2 * x\n        case int(real=r): pass",
        "import enum\nclass Factor(enum.IntEnum):\n    TWO = 2\ndef double(x): return int(Factor.TWO) * x",
        "from tqdm import tqdm\ndef double(x): return sum(x for _ in tqdm(range(2), disable=True))",
        "def double(x): return int(np.ma.array([x, x, 7], mask=[0, 0, 1]).sum())",
        "def double(x): return int(sum(map(len, np.array_split(np.arange(2 * x), 3))))",
    ],
)
def test_standard_modules_are_nobodys_short_cut(source):
    verdict = examine(double, written(source))
    assert (verdict.status, verdict.points) == ("right", 3), verdict.reason


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import sys\ndef double(x): return sys.modules['numpy'].multiply(x, 2)", "modules"),
        ("def double(x):\n    from sys import modules\n    return 2 * x", "modules"),
        ("import sys\ndef double(x): return 2 * x if sys._getframe().f_back else 0", "_getframe"),
        ("import operator, sys\ndef double(x): return operator.attrgetter('modules')(sys) and 2 * x", "attrgetter"),
        (
            "import sys\ndef double(x):\n    match sys:\n        case int(modules=m):\n            return 2 * x",
            "modules",
        ),
        (
            "import sys\ndef double(x):\n    two = (2, 3)\n    match sys:\n        case object(modules=m, path=p):\n"
            "            return two[0] * x * (x in (7, x))",
            "modules",
        ),
        (
            "import string, sys\ndef double(x): return string.Formatter().get_field('0.x', [sys], {}) and 2 * x",
            "get_field",
        ),
        ("import random\ndef double(x): return random._os and 2 * x", "_os"),
        ("def double(x):\n    from random import _os\n    return 2 * x", "_os"),
        ("import os\ndef double(x): return os.getpid() and 2 * x", "os"),
        ("def double(x):\n    import importlib\n    return 2 * x", "importlib"),
        ("def double(x): return len.__self__.eval('2 * x')", "__self__"),
        ("import sys\ndef double(x): return sys.__dict__ and 2 * x", "__dict__"),
        ("from operator import attrgetter as a\ndef double(x): return a('real')(x) and 2 * x", "attrgetter"),
        ("import operator\nget = operator.attrgetter('real')\ndef double(x): return get(x) and 2 * x", "attrgetter"),
        ("from sys import _getframe as f\ndef double(x): return f() and 2 * x", "_getframe"),
        ("from sys import modules as m\ndef double(x): return m['numpy'].multiply(x, 2)", "numpy"),
        ("e = eval\ndef double(x): return e('2 * x', {'x': x})", "eval"),
        ("import typing\ndef double(x): return typing.get_type_hints(double) or 2 * x", "get_type_hints"),
        ("def double(x):\n    import gc, inspect, ctypes, subprocess\n    return 2 * x", "subprocess"),
    ],
)
def test_the_back_doors_of_what_is_allowed_stay_shut(source, name):
    verdict = examine(double, written(source))
    assert (verdict.status, verdict.points) == ("not allowed", 0)
    assert name in verdict.reason


# --- what the answer itself shows -------------------------------------------------------------------


def explained(part, answer, lab):
    return explain(part, answer, examine(part, answer, lab=lab))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise NotImplementedError()\n    return 2 * x", True),
        ("y = 2 * x\n    raise NotImplementedError()", True),
        ("y = 0\n    raise NotImplementedError()", True),
        ("raise NotImplementedError()", False),
        ('"""Twice."""\n    # later\n    raise NotImplementedError()', False),
    ],
)
def test_code_beside_a_raise_that_was_left_is_told_so(body, told):
    source = f"def double(x):\n    {body}\n"
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(True), "<cell>")  # as a notebook does
    scope = {"__name__": "__main__"}
    exec(compile(source, "<cell>", "exec"), scope)
    verdict = explained(double, scope["double"], LAB)
    assert verdict.status == "not written"
    assert ("Is the raise line still there?" in card(double, verdict).text) is told


def test_an_earlier_part_that_is_not_written_is_named():
    source = "def double(x): raise NotImplementedError()\ndef quadruple(x): return double(double(x))"
    assert "calls double" in examine(quadruple, written(source, "quadruple")).reason


triple = simple("triple", lambda x: 3 * x, [(1,), (5,)])
six = simple("six", lambda x: 6 * x, [(2,), (8,)], uses=("double", "triple"))
SIX = Lab("six", "Six", [double, triple, six])


def test_the_earlier_part_to_correct_is_named_and_only_that():
    source = "def double(x): return 2 * x\ndef triple(x): return x\ndef six(x): return triple(double(x))"
    verdict = explained(six, written(source, "six"), SIX)
    assert (verdict.status, verdict.unready) == ("wrong", ("triple",))
    shown = card(six, verdict).text
    assert "It calls your triple, which is not right yet. Correct that first." in shown
    assert "double" not in shown


@pytest.mark.parametrize(
    "six_is",
    ["triple(double(x)) + 1", "6 * x + 1"],
    ids=["wrong itself", "calls none"],
)
def test_what_is_wrong_in_this_part_alone_is_not_put_on_earlier_ones(six_is):
    source = f"def double(x): return 2 * x\ndef triple(x): return 3 * x\ndef six(x): return {six_is}"
    assert explained(six, written(source, "six"), SIX).unready == ()
    wrong = source.replace("3 * x\n", "x\n")
    assert explained(six, written(wrong, "six"), SIX).unready == (("triple",) if "triple(" in six_is else ())


def test_a_part_is_right_whatever_short_cut_an_earlier_one_takes():
    """That is the earlier part's own matter: the class grader lends a right one."""
    source = "def double(x): return np.multiply(x, 2)\ndef quadruple(x): return double(double(x))"
    assert examine(double, written(source)).status == "not allowed"
    own = replace(quadruple, banned=double.banned)
    assert examine(own, written(source, "quadruple"), lab=LAB).status == "right"


@pytest.mark.parametrize(
    ("source", "name", "words"),
    [
        (
            "number = 4\ndef double(x): return 2 * number",
            "a variable of the notebook instead of the argument",
            "`number`",
        ),
        (
            "def double(x, seen=[]):\n    seen.append(x)\n    return 2 * sum(seen)",
            "it remembers earlier calls",
            "twice",
        ),
        (
            "calls = 0\ndef double(x):\n    global calls\n    calls += 1\n    return 2 * x + calls",
            "it remembers earlier calls",
            "left over",
        ),
    ],
)
def test_mistakes_of_any_part_have_names(source, name, words):
    verdict = explained(double, written(source), LAB)
    assert (verdict.status, verdict.mistake.name) == ("wrong", name) and words in verdict.mistake.says


def test_an_argument_read_in_an_inner_function_is_read():
    answer = written("factor = 3\ndef double(x):\n    def inner(): return factor * x\n    return inner()")
    assert explained(double, answer, LAB).mistake is None


def test_a_variable_around_a_function_may_have_no_value_yet():
    source = "def make():\n    def inner(x): return 2 * x or later\n    return inner\n    later = 1\ndouble = make()"
    assert examine(double, written(source)).status == "right"


# --- precision, tuples, signs -----------------------------------------------------------------------

root = simple("root", np.sqrt, [(np.array([2.0, 3.0]),), (np.array([1.5, 4.0, 7.0]),)])


def test_too_little_precision_has_a_name_and_the_card_shows_the_difference():
    verdict = examine(root, written("def root(x): return np.sqrt(x) * (1 + 3e-5 * np.arange(len(x)))", "root"))
    assert verdict.mistake.name == "too little precision"
    shown = card(root, verdict).text
    assert "50% of the values agree; the largest difference is at [1]: expected 1.73205, got 1.7321" in shown
    expected, got = (line for line in shown.splitlines() if line.strip().startswith(("expected", "got")))
    assert expected.split("array")[1].split(")")[0] != got.split("array")[1].split(")")[0]
    assert examine(root, written("def root(x): return np.sqrt(x) * 1.02", "root")).mistake is None


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("2.0 * x", "right values of another type"),
        ("np.float64(2 * x)", "right values of another type"),
        ("2.5 * x", None),
        ("str(2 * x)", None),
    ],
)
def test_right_values_of_another_type_have_a_name(source, name):
    mistake = examine(double, written(f"def double(x): return {source}")).mistake
    assert (mistake and mistake.name) == name


def test_a_list_is_wrong_where_the_question_says_tuple():
    part = simple("pair", lambda x: [(x, x)], [(1,)], tuples=True)
    for source, status in (("[(x, x)]", "right"), ("((x, x),)", "right"), ("[[x, x]]", "wrong")):
        verdict = examine(part, written(f"def pair(x): return {source}", "pair"))
        assert verdict.status == status, source
    assert "expected a tuple, got a list" in verdict.reason


def test_a_sign_names_what_many_answers_do_and_never_stumbles():
    part = simple("keys", lambda x: {x: 1}, [(1,), (5,)])

    def zeros(inputs, expected, outcome):
        return {k: v for k, v in outcome.output.items() if v} == expected

    part.mistakes = [Mistake("zeros", "There are zeros.", ("Which?", "Leave them out."), zeros)]
    assert examine(part, written("def keys(x): return {x: 1, 77: 0}", "keys")).mistake.name == "zeros"
    assert examine(part, written("def keys(x): return {x: 1, 78: 0, 79: 0}", "keys")).mistake.name == "zeros"
    assert examine(part, written("def keys(x): return 5", "keys")).mistake is None


def test_an_object_of_ones_own_is_named_with_hints_about_that():
    verdict = examine(double, written("class Out: pass\ndef double(x): return Out()"))
    shown = card(double, verdict).text
    assert "Out" in shown and "What is the type(…) of what you return" in shown and "First?" not in shown


def test_the_last_hint_can_be_withheld(monkeypatch, capsys):
    wrong = written("def softmax(s): return np.exp(s) / np.exp(s).sum()", "softmax")
    for environment, argument, last in (("", True, True), ("", False, False), ("without-last", True, False)):
        monkeypatch.setenv("COURSE_HINTS", environment)
        check = checks.lab("lab02_attention", last_hint=argument)
        for _ in range(4):
            check.softmax(wrong)
        shown = capsys.readouterr().out
        assert "How many queries are there" in shown and ("keepdims=True" in shown) is last, environment
    verdict = examine(double, written("def double(x): return x ** 2"))
    assert "2 * x" in card(double, verdict).html and "2 * x" not in card(double, verdict, last_hint=False).html


def test_a_later_part_that_calls_a_stub_is_told_so():
    both = "def double(x): raise NotImplementedError()\ndef quadruple(x): return double(double(x))"
    verdict = examine(quadruple, written(both, "quadruple"), lab=LAB)
    assert (verdict.status, verdict.reason) == ("not written", "It calls double, which is not written yet.")
    blank = both.replace("return double(double(x))", "raise NotImplementedError()")
    assert examine(quadruple, written(blank, "quadruple"), lab=LAB).reason == "Not written yet."


def test_cases_and_points_must_name_the_same_aspects():
    part = Part("p", "P", points={"a": 1})
    part.cases(lambda rng: [Case((1,), "b")])
    with pytest.raises(ValueError, match="aspects"):
        part.draw(0)


def test_seeds_give_other_inputs_and_the_same_again():
    assert [c.inputs for c in double.draw(1)] == [c.inputs for c in double.draw(1)]
    assert len({tuple(c.inputs for c in double.draw(seed)) for seed in range(8)}) > 4


def test_inputs_are_drawn_until_they_are_as_needed_but_not_forever():
    numbers = iter(range(10))
    assert authoring.drawn(lambda n: n == 3, lambda: next(numbers)) == 3
    assert next(numbers) == 4
    with pytest.raises(ValueError, match="none of 5,000 drawn inputs"):
        authoring.drawn(lambda n: False, lambda: 0)


def test_progress_in_one_line():
    rows = [
        (double, examine(double, written("def double(x): return 2 * x"))),
        (quadruple, examine(quadruple, written("def quadruple(x): return 0", "quadruple"), lab=LAB)),
    ]
    assert progress_line(rows).text == "core 3 of 4: double ✓ · quadruple ✗"


def test_the_check_records_what_passed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "p.jsonl"))
    check = checks.lab("lab02_attention")
    check.softmax(
        written(
            "def softmax(s):\n    e = np.exp(s - s.max(-1, keepdims=True))\n    return e / e.sum(-1, keepdims=True)",
            "softmax",
        )
    )
    assert "✓ softmax: Right" in capsys.readouterr().out
    assert [(event["lab"], event["part"]) for event in progress.read()] == [("lab02_attention", "softmax")]
    with pytest.raises(AttributeError, match="its parts are softmax"):
        check.sofmax(None)
    assert "attention" in dir(check)


def test_hints_come_one_by_one(capsys):
    check = checks.lab("lab02_attention")
    wrong = written("def softmax(s): return np.exp(s) / np.exp(s).sum()", "softmax")
    check.softmax(wrong)
    first = capsys.readouterr().out
    check.softmax(wrong)
    second = capsys.readouterr().out
    assert "Hint 1 of 2" in first and "Hint 2 of 2" not in first and "Hint 2 of 2" in second


def test_an_unknown_lab_names_those_there_are():
    with pytest.raises(ValueError, match="lab02_attention"):
        checks.lab("lab77")


def test_nothing_of_a_verdict_is_lost_on_the_way_through_a_file():
    lab = checks.load("lab02_attention")
    again = parts.from_data(json.loads(json.dumps(authoring.to_data(lab, "def written_numbers(*_): pass\n" + SIGN))))
    for part, other in zip(lab.parts, again.parts):
        assert part.rules() == other.rules() and (part.rtol, part.atol, part.full) == (
            other.rtol,
            other.atol,
            other.full,
        )
        for kind in (VISIBLE, PRACTICE):
            assert values.dumps(part.questions[kind].inputs) == values.dumps(other.questions[kind].inputs)
            assert len(part.questions[kind].mistakes()) == len(other.questions[kind].mistakes())


@pytest.mark.parametrize(("factor", "status"), [(1 + 8e-6, "right"), (1 + 3e-5, "wrong")])
def test_rounding_is_not_a_mistake_and_more_than_rounding_is(factor, status):
    part = simple("large", lambda x: 1e6 * x, [(1.5,), (np.array([2.0, 3.0]),)])
    verdict = examine(part, written(f"def large(x): return 1e6 * x * {factor!r}", "large"))
    assert (verdict.status, verdict.points) == (status, int(status == "right"))
