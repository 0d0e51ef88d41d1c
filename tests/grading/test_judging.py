"""What a kernel sends, at the process that judges it: nothing of it is believed, and none of it stops the judge."""

from __future__ import annotations

import json
import types

import corpus
import numpy as np
import pytest

from course.grading import canonical, execute
from course.grading.execute import verdict_of
from helpers.checks import load, values
from helpers.checks.parts import VISIBLE, Part, short_cuts

LAB = load(corpus.LAB)
SOFTMAX = LAB.part("softmax")

ODD = [
    {"short_cuts": 5},
    {"short_cuts": True},
    {"short_cuts": {"a": 1}},
    {"outcomes": 5},
    {"outcomes": None},
    {},
    {"outcomes": [5, None, []]},
    {"outcomes": [{"output": 5}] * 5},
    {"outcomes": [{"output": "{"}] * 5},
    {"outcomes": [{"error": {}, "where": [], "foreign": "x"}] * 5},
    {"outcomes": [{"output": "[" * 5000}] * 5},
    {"outcomes": [{"output": '{"$array": ["<f8", [-1], ""]}'}] * 5},
    {"outcomes": [{"output": "1"}]},
    {"outcomes": [{"output": '{"$dict": [[{"$dict": []}, 1]]}'}] * 5},
    {"outcomes": [{"output": "9" * 5000}] * 5},
]


@pytest.mark.parametrize("message", ODD, ids=lambda m: json.dumps(m)[:40])
def test_an_odd_answer_gives_no_points_and_does_not_raise(message):
    assert verdict_of(SOFTMAX, SOFTMAX.questions[VISIBLE], message).points == 0


def test_reasons_stay_short():
    questions = SOFTMAX.questions[VISIBLE]
    for outcome in (
        {"error": "E" * 10**6, "where": "w" * 10**6, "foreign": False},
        {"output": json.dumps("x" * 10**6)},
    ):
        assert len(verdict_of(SOFTMAX, questions, {"outcomes": [outcome] * len(questions.cases)}).reason) <= 2000
    assert len(verdict_of(SOFTMAX, questions, {"short_cuts": ["x" * 10**6] * 1000}).reason) < 5000


@pytest.mark.parametrize("text", ["[]", "5", "null", "{", "", "[" * 50_000, '{"short_cuts": 5}', '{"outcomes": [1]}'])
def test_a_message_of_another_shape_is_none(text):
    assert execute._message(text) is None


@pytest.mark.parametrize("content", [[], 5, None, "text"])
@pytest.mark.parametrize("parent", [[], 5, None, {"msg_id": 5}, {"msg_id": "asked"}])
def test_a_protocol_message_of_another_shape_is_nobodys(parent, content):
    assert execute._content({"parent_header": parent, "content": content}, "asked") is None
    assert execute._content({}, "asked") is None


def test_keys_that_all_have_one_hash_are_refused_at_once():
    keys = ",".join(f"[{i * (2**61 - 1)},0]" for i in range(1, 100_001))
    with pytest.raises(ValueError, match="60 bits"):
        values.loads('{"$dict":[' + keys + "]}")


# --- calls that are not allowed, wherever they hide -----------------------------------------------------

HIDDEN = {
    "class": "class Soft:\n    def __call__(self, scores):\n        return made(scores, axis=-1)\nsoftmax = Soft()",
    "method": "class A:\n    m = staticmethod(made)\n    def f(self, s):\n        return self.m(s)\nsoftmax = A().f",
    "property": "class A:\n    @property\n    def f(self):\n        return made\na = A()\nsoftmax = lambda s: a.f(s)",
    "partial": "import functools\nsoftmax = functools.partial(made, axis=-1)",
    "default": "def softmax(scores, f=made):\n    return f(scores, -1)",
    "keyword": "def softmax(scores, *, f=made):\n    return f(scores, -1)",
    "container": "box = [{'f': made}]\ndef softmax(scores):\n    return box[0]['f'](scores, -1)",
    "closure": "def build(f):\n    return lambda scores: f(scores, -1)\nsoftmax = build(made)",
    "cached": "import functools\n@functools.lru_cache\ndef f(s):\n    return made(s)\ndef softmax(s):\n    return f(s)",
    "vectorize": "softmax = np.vectorize(made, signature='(n)->(n)')",
    "itself": "softmax = made",
}
HONEST = {
    "dataclass": "import dataclasses as d\n@d.dataclass\nclass D:\n    x: int\ndef softmax(s):\n    return D(1).x + s",
    "named tuple": "import typing as t\nclass N(t.NamedTuple):\n    x: int\ndef softmax(s):\n    return N(1).x + s",
    "class": "class A:\n    def f(self, s):\n        return np.exp(s)\na = A()\ndef softmax(s):\n    return a.f(s)",
    "recursive": "def f(n):\n    return n and f(n - 1)\nb = []\nb.append(b)\ndef softmax(s):\n    return f(3), b",
    "cached": "import functools\n@functools.lru_cache\ndef f(n):\n    return n\ndef softmax(s):\n    return s * f(1)",
}


def answer(source: str):
    module = types.ModuleType("__main__")
    exec("import numpy as np\n" + source, module.__dict__)
    return module.softmax


@pytest.mark.parametrize("source", HIDDEN.values(), ids=HIDDEN)
def test_a_library_is_found_where_it_hides(source):
    assert short_cuts(SOFTMAX, answer(f"from scipy.special import softmax as made\n{source}"))


@pytest.mark.parametrize("source", HONEST.values(), ids=HONEST)
def test_honest_code_is_let_through(source):
    assert short_cuts(SOFTMAX, answer(source)) == []


# --- what students read ---------------------------------------------------------------------------------


def sent(answers: list) -> dict[str, list[dict[str, str]]]:
    return {
        "outcomes": [
            {"output": values.dumps(a)} if not isinstance(a, str) else {"error": a, "where": a, "foreign": False}
            for a in answers
        ]
    }


def test_what_came_out_beside_a_lent_solution_is_not_told():
    part: Part = LAB.part("attention")
    right = [case.expected for case in part.questions[VISIBLE].cases]
    mixed = [*right[:2], "ValueError: the solution's source"]
    own = {"attention": {"hidden": sent([np.zeros(1)] * 3), "visible": sent([np.zeros(1)] * 3)}}
    lent = {"attention": {"hidden": sent(mixed), "visible": sent(mixed)}}
    verdict = execute.judged(LAB, own, lent, (VISIBLE,))["attention"]["visible"]
    assert verdict.points == 3 and verdict.borrowed == ("softmax",)
    assert "solution" not in f"{verdict.reason} {verdict.got}"


def test_code_that_reaches_for_the_grader_is_named():
    released = corpus.released()
    forged = corpus.answered(released, first="from helpers.checks import parts\nget_ipython().ast_transformers")
    assert canonical.reaching(canonical.rebuild(released, forged)) == [
        "ast_transformers",
        "from helpers.checks import parts",
    ]
    assert canonical.reaching(canonical.rebuild(released, corpus.solved(released))) == []


def test_names_that_are_put_together_are_named():
    released = corpus.released()
    pieces = corpus.answered(released, first='__import__("helpers.che" + "cks.parts")\n"".join(["do_", "execute"])')
    assert canonical.reaching(canonical.rebuild(released, pieces)) == ["do_execute", "helpers.checks.parts"]
    odd = corpus.answered(released, first='sys.modules["torch"]\n"google.colab" in sys.modules\nimport ctypes')
    rebuilt = canonical.rebuild(released, odd)
    assert canonical.reaching(rebuilt) == []
    assert canonical.reaching(rebuilt, canonical.UNUSUAL) == ["ctypes", "sys.modules["]
