"""The gaps of lesson 06: the gradient of the head, loss and accuracy of a model, and the learning rate with warmup."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part
from helpers.checks.toys import tensor

ALLOWED = frozenset({"numpy", "math", "torch"})

head_gradient = Part(
    "head_gradient",
    "The gradient of the head",
    points={"gradient": 1},
    imports=ALLOWED,
    banned=frozenset({"backward", "grad", "autograd", "cross_entropy"}),
    hints=(
        "What shape has `W`? The gradient has the same: one row per label.",
        "The error is probabilities minus one-hot; the row of a label is its error times `h`.",
        "`np.outer(error, h)`, where `error = powers / powers.sum() - np.eye(len(W))[right]`.",
    ),
)


@head_gradient.cases
def head_gradient_cases(rng):
    yield Case((np.zeros((2, 2)), np.array([1.0, 2.0]), 0), "gradient")
    yield Case((np.array([[0.5, 0.0], [0.0, 0.5]]), np.array([1.0, 2.0]), 0), "gradient")
    yield Case((rng.normal(size=(2, 3)), rng.normal(size=3), 1), "gradient")
    yield Case((rng.normal(size=(4, 4)), rng.normal(size=4), 2), "gradient")


score = Part(
    "score",
    "Mean loss and accuracy",
    points={"loss and accuracy": 1},
    imports=ALLOWED,
    hints=(
        "What is the shape of the logits, and along which axis does `argmax` compare the labels of one text?",
        "`cross_entropy` takes the logits and the labels as they are; the accuracy is the share of rows whose largest logit is at the label.",
        "`right = logits.argmax(dim=1) == labels`, then `right.float().mean().item()`.",
    ),
)


@score.cases
def score_cases(rng):
    def logits(*shape):
        return tensor(rng.normal(size=shape).astype(np.float32))

    yield Case((tensor(np.array([[2.0, 0.0], [1.0, 0.0]], dtype=np.float32)), [0, 1]), "loss and accuracy")
    yield Case((tensor(np.zeros((3, 2), dtype=np.float32)), [0, 1, 1]), "loss and accuracy")
    yield Case((logits(5, 2), [0, 1, 1, 0, 1]), "loss and accuracy")
    yield Case((logits(8, 3), [int(i) for i in rng.integers(0, 3, size=8)]), "loss and accuracy")


factor = Part(
    "factor",
    "Warmup, then down in a straight line",
    points={"warmup": 1, "after it": 1},
    imports=ALLOWED,
    hints=(
        "Draw it for 2 steps of warmup among 10: what is the factor at the steps 0, 1, 2, 6 and 10?",
        "Before `warmup` it rises as `step / warmup`; after it, what is left of the steps decides.",
        "After warmup: `(steps - step) / (steps - warmup)`.",
    ),
)


@factor.cases
def factor_cases(rng):
    yield Case((0, 2, 10), "warmup")
    yield Case((1, 2, 10), "warmup")
    yield Case((int(rng.integers(1, 9)), 9, 40), "warmup")
    for step in (2, 6, 10):
        yield Case((step, 2, 10), "after it")
    for _ in range(3):
        yield Case((int(rng.integers(20, 100)), int(rng.integers(5, 20)), 100), "after it")


LAB = Lab("lesson06", "Fine-tuning BERT for classification", [head_gradient, score, factor])
