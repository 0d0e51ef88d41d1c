"""The judgement of an answer: what is right, which mistake it names, what it refuses, and what a student sees."""

import numpy as np
import pytest

from helpers import checks, progress
from helpers.checks.parts import Case, Lab, Part, examine
from helpers.checks.report import card, progress_line

double = Part(
    "double",
    "Twice",
    points={"small": 1, "large": 2},
    answer=lambda x: 2 * x,
    hints=("First?", "Then so."),
    banned=frozenset({"multiply", "nditer"}),
)


@double.cases
def _(rng):
    yield Case((2,), "small")
    yield Case((int(rng.integers(3, 9)),), "small")
    yield Case((int(rng.integers(100, 999)),), "large")


@double.mistake("squared", "This is the square.", "What is twice 3?", "`2 * x`.")
def _(x):
    return x * x


@double.mistake("capped", "It stops at 100.", "How large may x be?")
def _(x):
    return min(2 * x, 100)


quadruple = Part("quadruple", "Four times", points={"all": 1}, answer=lambda x: 4 * x, uses=("double",))


@quadruple.cases
def _(rng):
    yield Case((int(rng.integers(1, 9)),), "all")


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


@pytest.mark.parametrize(("source", "status"), [
    ("def double(x): raise NotImplementedError()", "not written"), ("def double(x): pass", "not written"),
    ("double = 3", "missing"), ("def double(x): return object()", "wrong"),
    ("class double:\n    def __new__(cls, x): return 5.5", "wrong"),
])  # fmt: skip
def test_no_answer(source, status):
    verdict = examine(double, written(source))
    assert (verdict.status, verdict.points) == (status, 0)
    assert card(double, verdict).text.startswith(("…", "✗"))


def test_an_object_that_equals_everything_earns_nothing():
    source = (
        "class E(int):\n    def __eq__(self, o): return True\n    __hash__ = int.__hash__\ndef double(x): return E(1)"
    )
    assert examine(double, written(source)).points == 0


@pytest.mark.parametrize("source", [
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
])  # fmt: skip
def test_what_does_the_whole_job_is_refused_by_name(source):
    verdict = examine(double, written(source))
    assert (verdict.status, verdict.points) == ("not allowed", 0)
    assert "uses" in verdict.reason and "numpy" in verdict.reason


def test_a_later_part_does_not_fall_because_an_earlier_one_is_wrong():
    answer = written("def double(x): return x\ndef quadruple(x): return double(double(x))", "quadruple")
    wrong = answer.__globals__["double"]
    verdict = examine(quadruple, answer, lab=LAB)
    assert (verdict.status, verdict.borrowed) == ("right", ("double",))
    assert answer.__globals__["double"] is wrong  # put back
    assert "double" in card(quadruple, verdict).text
    own = written("def double(x): return 2 * x\ndef quadruple(x): return double(double(x))", "quadruple")
    assert examine(quadruple, own, lab=LAB).borrowed == ()


def test_a_later_part_is_tried_while_an_earlier_one_is_still_the_stub():
    both = "def double(x): raise NotImplementedError()\ndef quadruple(x): return double(double(x))"
    verdict = examine(quadruple, written(both, "quadruple"), lab=LAB)
    assert (verdict.status, verdict.points, verdict.borrowed) == ("right", 1, ("double",))
    blank = both.replace("return double(double(x))", "raise NotImplementedError()")
    verdict = examine(quadruple, written(blank, "quadruple"), lab=LAB)
    assert (verdict.status, verdict.points) == ("not written", 0)


def test_cases_and_points_must_name_the_same_aspects():
    part = Part("p", "P", points={"a": 1}, answer=abs)
    part.cases(lambda rng: [Case((1,), "b")])
    with pytest.raises(ValueError, match="aspects"):
        part.draw(0)


def test_seeds_give_other_inputs_and_the_same_again():
    assert [c.inputs for c in double.draw(1)] == [c.inputs for c in double.draw(1)]
    assert len({tuple(c.inputs for c in double.draw(seed)) for seed in range(8)}) > 4


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
    assert progress.summary()["labs"] == {"lab02_attention": ["softmax"]}
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


def test_the_hidden_seed_may_come_from_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_SEED_FILE", str(tmp_path / "seed"))
    with pytest.raises(ValueError, match="COURSE_SEED_FILE"):
        checks.hidden_seed()
    (tmp_path / "seed").write_text("77\n")
    assert checks.hidden_seed() == 77
