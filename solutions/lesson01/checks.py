"""The gaps of lesson 01: the cross-entropy from logits, and the loss of the classifier with its gradient."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math", "torch"})

mean_cross_entropy = Part(
    "mean_cross_entropy",
    "Cross-entropy from the logits, without overflow",
    points={"small logits": 1, "large logits": 1},
    imports=ALLOWED,
    banned=frozenset({"cross_entropy", "CrossEntropyLoss", "nll_loss", "log_softmax", "logsumexp"}),
    hints=(
        "Compute one row on paper: which number is the logit of the right answer, and what is the sum of the exponentials?",
        "For each row: ln(sum of the exponentials) minus the logit of the right answer. Then the mean over the rows.",
        "The logits of the right answers are `logits[np.arange(len(target)), target]`.",
    ),
)


@mean_cross_entropy.cases
def mean_cross_entropy_cases(rng):
    yield Case((np.log([[1.0, 3.0]]), np.array([1])), "small logits")
    yield Case((np.zeros((1, 4)), np.array([2])), "small logits")
    yield Case((rng.normal(size=(3, 4)), np.array([0, 3, 1])), "small logits")
    yield Case((rng.normal(size=(5, 3)) * 2, rng.integers(0, 3, size=5)), "small logits")
    yield Case((np.array([[0.0, 200.0]]), np.array([0])), "large logits")
    yield Case((rng.normal(size=(2, 3)) + 1000, np.array([0, 2])), "large logits")
    yield Case((rng.normal(size=(2, 3)) + np.array([[900.0], [-900.0]]), np.array([2, 1])), "large logits")
    yield Case((np.array([[0.0, 3000.0, 1.0], [-2000.0, 0.0, 0.0]]), np.array([0, 0])), "large logits")


loss_and_gradient = Part(
    "loss_and_gradient",
    "The loss of the classifier and its gradient",
    points={"loss and gradient": 1},
    imports=ALLOWED,
    banned=frozenset({"backward", "grad", "autograd", "binary_cross_entropy_with_logits", "BCEWithLogitsLoss"}),
    hints=(
        "What shapes do `z`, `X.T @ error` and `error.sum()` have?",
        "The gradient of the loss of one review is (probability − label) times the row of the review; take the mean over the reviews.",
        "`error = (1 / (1 + np.exp(-z)) - y) / len(y)`; the gradients are `X.T @ error` for `w` and `error.sum()` for `b`.",
    ),
)


@loss_and_gradient.cases
def loss_and_gradient_cases(rng):
    yield Case((np.array([1.0]), 0.0, np.array([[2.0], [0.0]]), np.array([1.0, 0.0])), "loss and gradient")
    yield Case(
        (np.zeros(2), 0.0, np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]), np.array([1.0, 0.0, 1.0])),
        "loss and gradient",
    )
    yield Case(
        (rng.normal(size=3), float(rng.normal()), rng.normal(size=(5, 3)), np.array([1.0, 0.0, 0.0, 1.0, 1.0])),
        "loss and gradient",
    )
    yield Case(
        (rng.normal(size=4), -1.5, rng.integers(0, 3, size=(4, 4)).astype(float), np.array([0.0, 1.0, 0.0, 0.0])),
        "loss and gradient",
    )


LAB = Lab("lesson01", "From arrays to learning", [mean_cross_entropy, loss_and_gradient])
