"""The gaps of lesson 04: the stable softmax and scaled dot-product attention."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math", "torch"})
LIBRARY = frozenset({"softmax", "log_softmax", "scaled_dot_product_attention", "MultiheadAttention"})

softmax = Part(
    "softmax",
    "A stable softmax",
    points={"shares": 1, "large scores": 1},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "Print `softmax(scores).sum(axis=-1)`. What should each of these sums be?",
        "Subtract the row's maximum, take `np.exp`, divide by the row's sum.",
        "Both the maximum and the sum need `axis=-1, keepdims=True`.",
    ),
)


@softmax.cases
def softmax_cases(rng):
    yield Case((np.log([1.0, 3.0]),), "shares")
    yield Case((np.log([[1.0, 3.0], [4.0, 1.0]]),), "shares")
    yield Case((rng.normal(size=(2, 3)),), "shares")
    yield Case((rng.normal(size=(2, 2, 4)) * 3,), "shares")
    yield Case((rng.normal(size=2) + 1000,), "large scores")
    yield Case((rng.normal(size=(2, 3)) + np.array([[800.0], [-800.0]]),), "large scores")
    yield Case((np.array([-2000.0, 0.0, 0.0]) + rng.normal(size=(2, 3)),), "large scores")


attention = Part(
    "attention",
    "Scaled dot-product attention",
    points={"no mask": 1, "mask": 1},
    imports=ALLOWED,
    banned=LIBRARY,
    uses=("softmax",),
    hints=(
        "Print the shapes of the scores, the weights and the output. Which should have one row per query?",
        "The scores compare every query with every key: `query @ key.swapaxes(-1, -2)`.",
        "Divide them by `np.sqrt(query.shape[-1])`, apply your softmax, and multiply the weights by `value`.",
    ),
)


@attention.cases
def attention_cases(rng):
    one = np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    yield Case(one, "no mask")
    yield Case((rng.normal(size=(2, 4)), rng.normal(size=(3, 4)), rng.normal(size=(3, 5))), "no mask")
    yield Case((rng.normal(size=(3, 9)) * 2, rng.normal(size=(3, 9)), rng.normal(size=(3, 9))), "no mask")
    yield Case((rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 3))), "no mask")
    yield Case((*one, np.array([[True, False]])), "mask")
    three = [rng.normal(size=(3, 4)) for _ in range(3)]
    yield Case((*three, np.tril(np.ones((3, 3), dtype=bool))), "mask")


LAB = Lab("lesson04", "Attention", [softmax, attention])
