"""The tiny lab of the grader's tests: four parts on NumPy and one written answer, graded in a few seconds."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

LIBRARY = frozenset({"softmax", "log_softmax", "scaled_dot_product_attention", "multi_head_attention_forward"})


# --- 1. softmax -------------------------------------------------------------------------------------

softmax = Part(
    "softmax",
    "A stable softmax",
    points={"shares": 2, "large scores": 1},
    banned=LIBRARY,
    hints=("What should each row sum to?",),
)


@softmax.cases
def softmax_cases(rng):
    yield Case((np.log([1.0, 3.0]),), "shares")
    yield Case((rng.normal(size=(2, 3)),), "shares")
    yield Case((rng.normal(size=(3, 2)) * 3,), "shares")
    yield Case((rng.normal(size=2) + 1000,), "large scores")
    yield Case((rng.normal(size=(2, 3)) - 2000,), "large scores")


# --- 2. attention, which may call softmax -------------------------------------------------------------

attention = Part(
    "attention",
    "Scaled dot-product attention",
    points={"one sequence": 3, "batches": 1},
    banned=LIBRARY,
    uses=("softmax",),
    hints=("Print the shapes.",),
)


@attention.cases
def attention_cases(rng):
    yield Case((np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]]), np.eye(2)), "one sequence")
    yield Case((rng.normal(size=(2, 4)), rng.normal(size=(3, 4)), rng.normal(size=(3, 5))), "one sequence")
    yield Case((rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 3))), "batches")


# --- 3. merge ---------------------------------------------------------------------------------------

merge = Part(
    "merge",
    "Merge a pair of tokens",
    points={"apart": 2, "overlapping": 2},
    hints=("Go from left to right. What do you do after a merge?",),
)


@merge.cases
def merge_cases(rng):
    yield Case((["a", "b", "c"], ("a", "b")), "apart")
    for length in (6, 12):
        tokens = rng.choice(list("abcd"), size=length).tolist()
        at = int(rng.integers(length - 1))
        first, second = ("a", "b") if tokens[at] == tokens[at + 1] else tokens[at : at + 2]
        yield Case((tokens, (first, second)), "apart")
    yield Case((["a", "a", "a"], ("a", "a")), "overlapping")
    yield Case((["b", *["a"] * int(rng.integers(4, 9)), "aa", "a"], ("a", "a")), "overlapping")


# --- 4. a number ------------------------------------------------------------------------------------

parameters = Part(
    "parameters",
    "Count the parameters",
    points={"count": 3},
    is_value=True,
    hints=("How many matrices, of which shape? And the biases?",),
)


@parameters.cases
def parameters_cases(rng):
    yield Case((), "count")


LAB = Lab("lab90_tiny", "A tiny lab", [softmax, attention, merge, parameters])
