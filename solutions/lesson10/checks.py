"""The gaps of lesson 10: what one word adds to BM25, a mean without padding, and the best span."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math"})

word_score = Part(
    "word_score",
    "What one word adds to the score",
    points={"how rare": 1, "repetitions": 1, "length": 1},
    imports=ALLOWED,
    hints=(
        "The formula is a product of two factors. Which of the arguments does each of them need?",
        "The first factor is `math.log(1 + (N - n + 0.5) / (n + 0.5))`; the second needs times, length and average.",
        "`slowed = k1 * (1 - b + b * length / average)`, and then `rare * times * (k1 + 1) / (times + slowed)`.",
    ),
)


@word_score.cases
def word_score_cases(rng):
    yield Case((1, 3, 4, 2, 3), "how rare")
    yield Case((1, 4, 4, 1, 3), "how rare")
    yield Case((1, 4, 4, 3, 3), "how rare")
    yield Case((2, 4, 4, 1, 3), "repetitions")
    yield Case((3, 9, 6, 2, 7, 1.2, 0.5), "repetitions")
    yield Case((0, 5, 4, 1, 3), "repetitions")
    yield Case((1, 8, 4, 1, 3), "length")
    yield Case((2, 8, 4, 2, 9, 2.0, 1.0), "length")
    for aspect in ("how rare", "repetitions", "length"):
        n = int(rng.integers(1, 30))
        length = int(rng.integers(20, 300))
        yield Case(
            (int(rng.integers(2, 9)), length, round(float(rng.uniform(50, 200)), 1), n, n + int(rng.integers(40, 900)),
             round(float(rng.uniform(0.8, 2)), 2), round(float(rng.uniform(0.3, 0.9)), 2)),
            aspect,
        )  # fmt: skip


mean_pool = Part(
    "mean_pool",
    "A mean without padding",
    points={"one text": 1, "a batch": 1},
    imports=ALLOWED,
    hints=(
        "What would the mean of a short text be if it were alone, without padding?",
        "Multiply by the mask before you add up: `hidden * mask[:, :, None]` sets padding to 0.",
        "Divide the sum over the tokens by `mask.sum(axis=1, keepdims=True)`, the number of real tokens of each text.",
    ),
)


def _mask(lengths):
    return np.array([[1] * length + [0] * (max(lengths) - length) for length in lengths])


@mean_pool.cases
def mean_pool_cases(rng):
    yield Case((np.array([[[2.0, 0.0], [4.0, 2.0], [9.0, 9.0]]]), np.array([[1, 1, 0]])), "one text")
    yield Case((rng.normal(size=(1, 4, 3)).round(2), np.array([[1, 1, 1, 1]])), "one text")
    yield Case((rng.normal(size=(1, 5, 2)).round(2), np.array([[0, 0, 1, 1, 1]])), "one text")
    yield Case(
        (np.array([[[2.0, 0.0], [4.0, 2.0], [9.0, 9.0]], [[1.0, 1.0], [1.0, 4.0], [4.0, 1.0]]]), _mask([2, 3])),
        "a batch",
    )
    for lengths in ([3, 1, 2], [2, 5, 5, 1]):
        yield Case((rng.normal(size=(len(lengths), max(lengths), 3)).round(2), _mask(lengths)), "a batch")


best_span = Part(
    "best_span",
    "The best span",
    points={"free": 1, "short": 1, "ties": 1},
    imports=ALLOWED,
    tuples=True,
    hints=(
        "How many pairs of a first and a last token are there if the last must not come before the first?",
        "Two loops: `for first in range(len(start))`, and inside it the last tokens from `first` on.",
        "The inner loop is `for last in range(first, min(first + longest, len(end)))`; keep a pair if its sum is above `best`.",
    ),
)


@best_span.cases
def best_span_cases(rng):
    yield Case((np.array([4.0, 3.0, 1.0, 0.0]), np.array([-1.0, 0.0, 5.0, 2.0]), 4), "free")
    yield Case((np.array([0.0, 5.0, 2.0]), np.array([6.0, 1.0, 0.0]), 3), "free")
    yield Case((np.array([1.0, 0.0, 5.0]), np.array([0.0, 2.0, 1.0]), 3), "free")
    yield Case((np.array([4.0, 3.0, 1.0, 0.0]), np.array([-1.0, 0.0, 5.0, 2.0]), 2), "short")
    yield Case((np.array([3.0, 0.0, 2.0]), np.array([0.0, 1.0, 4.0]), 1), "short")
    yield Case((np.array([1.0, 1.0, 0.0]), np.array([0.0, 2.0, 2.0]), 3), "ties")
    yield Case((np.array([-3.0, -2.0]), np.array([-4.0, -2.0]), 2), "free")
    for aspect, longest in (("free", 12), ("short", 3), ("short", 2)):
        yield Case((rng.normal(size=12).round(2), rng.normal(size=12).round(2), longest), aspect)
    yield Case((rng.integers(0, 2, size=9).astype(float), rng.integers(0, 2, size=9).astype(float), 4), "ties")


LAB = Lab("lesson10", "Searching, answering, naming", [word_score, mean_pool, best_span])
