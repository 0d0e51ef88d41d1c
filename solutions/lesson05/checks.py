"""The gaps of lesson 05: layer norm, a block, and the number of GPT-2's parameters."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part
from helpers.checks import toys

ALLOWED = frozenset({"numpy", "math", "torch"})

layer_norm = Part(
    "layer_norm",
    "Layer norm",
    points={"one token": 1, "several tokens": 1, "epsilon": 1},
    imports=ALLOWED,
    banned=frozenset({"layer_norm", "LayerNorm"}),
    hints=(
        "What are the mean and the variance of each row of your result, before gain and bias?",
        "Subtract the mean of each token; the variance is the mean of what is left, squared.",
        "`centered = x - x.mean(axis=-1, keepdims=True)`; divide it by `np.sqrt((centered**2).mean(axis=-1, "
        "keepdims=True) + epsilon)`, then use gain and bias.",
    ),
)


@layer_norm.cases
def layer_norm_cases(rng):
    yield Case((np.array([1.0, 1.0, 3.0, 3.0]), 1.0, 0.0, 0.0), "one token")
    yield Case((np.array([10.0, 10.0, 30.0, 30.0]), np.full(4, 2.0), np.array([0.0, 0.0, 1.0, 1.0]), 0.0), "one token")
    yield Case((rng.normal(size=6) + 3, rng.normal(size=6), rng.normal(size=6), 1e-5), "one token")
    yield Case((rng.normal(size=(2, 4)) * 3, rng.normal(size=4), rng.normal(size=4), 1e-5), "several tokens")
    yield Case((rng.normal(size=(2, 3, 5)) - 1, rng.normal(size=5), rng.normal(size=5), 1e-5), "several tokens")
    yield Case((np.array([1.0, 1.0, 3.0, 3.0]), 1.0, 0.0, 0.5), "epsilon")
    yield Case((np.array([[2.0, 2.0], [1.0, 3.0]]), 1.0, 0.0, 0.25), "epsilon")
    yield Case((rng.normal(size=(2, 3)), 1.0, 0.0, 0.5), "epsilon")


block = Part(
    "block",
    "A block of GPT-2",
    points={"one token": 1, "several tokens": 1},
    imports=ALLOWED,
    hints=(
        "Which two lines of the drawing contain a plus sign? What is added to what?",
        "The first box reads `norm_1(stream)`, and its result is added to `stream`.",
        "`stream = stream + attend(norm_1(stream))`, and the same again with `norm_2` and `think`.",
    ),
)


@block.cases
def block_cases(rng):
    for tokens, width in ((1, 2), (1, 3), (3, 4), (2, 8)):
        boxes = [toys.box(int(rng.integers(1_000_000)), width) for _ in range(4)]
        yield Case((rng.normal(size=(tokens, width)), *boxes), "one token" if tokens == 1 else "several tokens")


count_parameters = Part(
    "count_parameters",
    "The parameters of a GPT-2",
    points={"small models": 1, "real sizes": 1},
    imports=ALLOWED,
    hints=(
        "Count one block first. Which two terms of it have a d² in them?",
        "A block has 4 (d² + d) for attention, 8 d² + 5 d for feed-forward and 4 d for its two norms.",
        "Add the two tables, (V + P) · d, and the last norm, 2 d.",
    ),
)


@count_parameters.cases
def count_cases(rng):
    yield Case((1, 1, 1, 1), "small models")
    yield Case((2, 1, 3, 5), "small models")
    yield Case((4, 3, 10, 6), "small models")
    yield Case(tuple(int(n) for n in rng.integers(2, 12, size=4)), "small models")
    yield Case((768, 12, 50257, 1024), "real sizes")
    yield Case(
        (64 * int(rng.integers(2, 9)), int(rng.integers(2, 9)), int(rng.integers(1000, 9000)), 512), "real sizes"
    )


LAB = Lab("lesson05", "Inside BERT and GPT-2", [layer_norm, block, count_parameters])
