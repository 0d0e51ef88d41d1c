"""The gaps of lesson 06: the mean of the token vectors without padding, and the metric that `Trainer` asks for."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math", "torch"})

mean_vector = Part(
    "mean_vector",
    "The mean vector without padding",
    points={"no padding": 1, "padding": 1},
    imports=ALLOWED,
    hints=(
        "Print the shapes of `hidden` and `mask`. Which axis does `mask` lack?",
        "Set the padding's vectors to 0 with `hidden * mask[..., None]`, add up over the tokens, and divide.",
        "Divide by how many tokens are real, not by how many there are: `mask.sum(axis=1)`, with an axis more.",
    ),
)


@mean_vector.cases
def mean_vector_cases(rng):
    yield Case((np.array([[[1.0, 2.0], [3.0, 6.0]]]), np.array([[1, 1]])), "no padding")
    yield Case((rng.normal(size=(2, 3, 4)), np.ones((2, 3), dtype=int)), "no padding")
    yield Case((np.array([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]]]), np.array([[1, 1, 0]])), "padding")
    yield Case((rng.normal(size=(2, 4, 3)), np.array([[1, 1, 1, 0], [1, 0, 0, 0]])), "padding")
    yield Case((rng.normal(size=(3, 3, 3)), np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1]])), "padding")


compute_metrics = Part(
    "compute_metrics",
    "The metric for Trainer",
    points={"two labels": 1, "more labels": 1},
    imports=ALLOWED,
    hints=(
        "Each row of the logits has one number per label. Which label does the model choose?",
        "`logits.argmax(-1)` gives the chosen label of each review. Compare it with `labels`.",
        'Return `{"accuracy": …}`: a dictionary with the mean of the comparison, between 0 and 1.',
    ),
)


@compute_metrics.cases
def compute_metrics_cases(rng):
    logits = np.array([[2.0, -1.0], [0.5, 1.0], [-3.0, -1.0]])
    yield Case(((logits, np.array([0, 1, 0])),), "two labels")
    yield Case(((rng.normal(size=(8, 2)) - 2, np.array([0, 1, 1, 0, 1, 1, 1, 0])),), "two labels")
    yield Case(((rng.normal(size=(7, 3)), np.array([2, 0, 1, 1, 2, 2, 0])),), "more labels")
    yield Case(((rng.normal(size=(5, 4)) * 4, np.array([3, 3, 0, 1, 2])),), "more labels")


LAB = Lab("lesson06", "Fine-tuning BERT", [mean_vector, compute_metrics])
