"""The gaps of lesson 07: McNemar's exact test, and the expected calibration error."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math"})

mcnemar = Part(
    "mcnemar",
    "Is the difference of two models more than a fair coin gives?",
    points={"counts": 1, "p-value": 1},
    imports=ALLOWED,
    banned=frozenset({"binomtest", "mcnemar", "binom"}),
    tuples=True,
    hints=(
        "Two models differ on four examples, and the first wins three of them. How likely is 3 or 4 heads of 4 tosses?",
        "Sum `math.comb(tosses, k)` for k from 0 to the smaller count, divide by `2**tosses`, and count both ends of the distribution.",
        "`p = 2 * sum(math.comb(tosses, k) for k in range(fewer + 1)) / 2**tosses`, and never more than 1.",
    ),
)


def _answers(only_first, only_second, both, neither, rng=None):
    pairs = [(1, 0)] * only_first + [(0, 1)] * only_second + [(1, 1)] * both + [(0, 0)] * neither
    rows = np.array(pairs, dtype=bool)
    return tuple((rows if rng is None else rng.permutation(rows)).T.copy())


@mcnemar.cases
def mcnemar_cases(rng):
    yield Case(_answers(3, 1, 1, 0), "counts")
    yield Case(_answers(0, 5, 3, 2), "counts")
    yield Case(_answers(9, 2, int(rng.integers(3, 9)), 4, rng), "counts")
    yield Case(_answers(2, 2, 1, 1), "p-value")
    yield Case(_answers(0, 0, 3, 1), "p-value")
    yield Case(_answers(int(rng.integers(20, 30)), int(rng.integers(5, 15)), 60, 20, rng), "p-value")
    yield Case(_answers(int(rng.integers(5, 9)), int(rng.integers(12, 20)), 40, 10, rng), "p-value")


ece = Part(
    "ece",
    "The expected calibration error",
    points={"ten bins": 1, "other bins": 1},
    imports=ALLOWED,
    hints=(
        "Three answers of confidence 0.92, two of them right, and two of 0.63, one of them right: compute it on paper.",
        "For each bin: the distance between the share of right answers and the mean confidence, weighted by the number of answers in it.",
        "`total += inside.sum() * abs(hits[inside].mean() - confidence[inside].mean())`, and in the end `total / len(confidence)`.",
    ),
)


def _sure(rng, size):
    confidence = rng.uniform(0.5, 1, size=size)
    return confidence, (rng.random(size) < confidence - 0.1).astype(int)


@ece.cases
def ece_cases(rng):
    yield Case((np.array([0.92, 0.92, 0.92, 0.63, 0.63]), np.array([1, 1, 0, 1, 0])), "ten bins")
    yield Case((np.array([0.51, 0.58, 0.97]), np.array([1, 1, 0])), "ten bins")
    yield Case(_sure(rng, 40), "ten bins")
    yield Case((*_sure(rng, 60), 4), "other bins")
    yield Case((*_sure(rng, 30), 20), "other bins")


LAB = Lab("lesson07", "How good is it, and what does it need?", [mcnemar, ece])
