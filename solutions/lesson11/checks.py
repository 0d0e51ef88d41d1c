"""The gaps of lesson 11: what the decoder reads in training, clipped matches, and BLEU."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math", "collections"})

shift_right = Part(
    "shift_right",
    "What the decoder reads in training",
    points={"one sentence": 1, "a batch": 1, "padding": 1},
    imports=ALLOWED,
    hints=(
        "The labels are `[[7, 8, 2]]` and the start sign is 1. Which three ids does the decoder read?",
        "It reads `[[1, 7, 8]]`: the start sign, then all labels but the last one of each row.",
        "`np.roll(labels, 1, axis=-1)` moves each row; then overwrite column 0, and turn each −100 into `pad`.",
    ),
)


@shift_right.cases
def shift_right_cases(rng):
    yield Case((np.array([[7, 8, 2]]), 1, 0), "one sentence")
    yield Case((rng.permutation(np.arange(10, 17))[None], int(rng.integers(3, 9)), 0), "one sentence")
    yield Case((np.array([[7, 8, 2], [9, 5, 2]]), 1, 0), "a batch")
    yield Case((rng.permutation(np.arange(10, 30)).reshape(4, 5), 0, 0), "a batch")
    yield Case((np.array([[7, 8, 2], [9, 2, -100]]), 1, 0), "padding")
    yield Case((np.array([[7, 2, -100, -100, -100], [9, 5, 4, 6, 2]]), 1, 3), "padding")
    rows = rng.integers(10, 40, size=(3, 6))
    rows[np.arange(6) > rng.integers(2, 4, size=3)[:, None]] = -100
    yield Case((rows, 1, 5), "padding")


clipped_matches = Part(
    "clipped_matches",
    "Clipped matches",
    points={"one reference": 1, "repeated": 1, "several references": 1},
    imports=ALLOWED,
    hints=(
        "The translation says *the* seven times, and the reference has *the* twice. How many matches is that?",
        "For each different n-gram: how often it is said, but at most as often as a single reference has it.",
        "Over `set(said)`, add up `min(said.count(gram), max(reference.count(gram) for reference in references))`.",
    ),
)


@clipped_matches.cases
def clipped_matches_cases(rng):
    yield Case((["the", "cat"], [["the", "dog"]]), "one reference")
    yield Case((["a", "black", "cat", "ran"], [["the", "cat", "ran", "a", "mile"]]), "one reference")
    yield Case((["the"] * 7, [["the", "cat", "is", "on", "the", "mat"]]), "repeated")
    yield Case((["the", "the", "cat"], [["the", "cat", "the", "the", "cat"]]), "repeated")
    yield Case((["the"] * 4, [["the", "cat"], ["the", "mat", "the"]]), "several references")
    yield Case((["he", "ran", "ran"], [["she", "ran"], ["he", "went"], ["ran"]]), "several references")
    words = ["owl", "fox", "hen"]
    others = rng.permutation([*words, "bee", "cow", "elk", "ant"]).tolist()
    yield Case((others[:4], [others[2:]]), "one reference")
    for number, aspect in ((1, "repeated"), (3, "several references")):
        said = [*words, *rng.choice(words, size=6).tolist(), "moon"]
        references = [[*rng.choice(words, size=int(rng.integers(3, 6))).tolist(), "owl"] for _ in range(number)]
        yield Case((said, references), aspect)


bleu_of = Part(
    "bleu_of",
    "BLEU from its counts",
    points={"long enough": 1, "too short": 1},
    imports=ALLOWED,
    hints=(
        "Four shares, 1/2 each, in a text of the right length. BLEU should be 50: which mean of the shares is it?",
        "The mean is geometric, e to the power of the mean of the logarithms. A text that is too short loses a factor.",
        "`np.exp(np.log(np.array(matches) / totals).mean())`, times 100, times `min(1, np.exp(1 - reference / length))`.",
    ),
)


@bleu_of.cases
def bleu_of_cases(rng):
    yield Case(([4, 2, 2, 1], [8, 8, 4, 4], 8, 8), "long enough")
    yield Case(([6, 3, 2, 1], [10, 9, 8, 7], 10, 8), "long enough")
    yield Case(([5, 4, 3, 2], [5, 4, 3, 2], 5, 10), "too short")
    for _ in range(2):
        totals = 60 - np.arange(4) * int(rng.integers(3, 6))
        matches = (totals * np.sort(rng.uniform(0.2, 0.9, size=4))[::-1]).astype(int)
        yield Case((matches.tolist(), totals.tolist(), 60, int(rng.integers(40, 55))), "long enough")
        yield Case((matches.tolist(), totals.tolist(), 60, int(rng.integers(70, 110))), "too short")


LAB = Lab("lesson11", "Translation", [shift_right, clipped_matches, bleu_of])
