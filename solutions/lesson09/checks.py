"""The gaps of lesson 09: a step of beam search, what the cache saves, and the positions in a padded batch."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math"})

beam_step = Part(
    "beam_step",
    "One step of beam search",
    points={"one beam": 1, "two beams": 1, "more beams": 1},
    imports=ALLOWED,
    tuples=True,
    hints=(
        "How many longer texts are there? Each beam is continued with every word that may follow its last word.",
        "A longer text is `[*words, word]`, and its bits are those of the beam and `-np.log2(p)` more.",
        "Sort all of them together with `key=lambda beam: beam[1]`, and return the first `width`.",
    ),
)

PAPER = {
    "the": {"cat": 0.5, "dog": 0.4, "moon": 0.1},
    "cat": {"ran": 0.4, "sat": 0.3, "slept": 0.3},
    "dog": {"barked": 0.9, "slept": 0.1},
}


def _tree(rng, words):
    """A tree in which each of the words may follow each, with probabilities that differ clearly."""
    tree = {}
    for word in words:
        shares = rng.permutation(2.0 ** np.arange(len(words)) + rng.uniform(0, 0.3, len(words)))
        tree[word] = dict(zip(words, (shares / shares.sum()).tolist(), strict=True))
    return tree


@beam_step.cases
def beam_step_cases(rng):
    yield Case(([(["the"], 0.0)], PAPER, 1), "one beam")
    yield Case(([(["the"], 0.0)], PAPER, 2), "one beam")
    yield Case(([(["the", "cat"], 1.0), (["the", "dog"], 1.321928)], PAPER, 2), "two beams")
    yield Case(([(["the", "dog"], 1.321928), (["the", "cat"], 1.0)], PAPER, 1), "two beams")
    words = ["owl", "fox", "hen", "bee"]
    yield Case(([(["owl", "hen"], float(rng.uniform(1, 2)))], _tree(rng, words), 2), "one beam")
    yield Case(([(["owl", "fox"], 0.5), (["fox"], 4.25)], _tree(rng, words), 2), "two beams")
    beams = [([words[k], words[(k + 1) % 4]], float(rng.uniform(k, k + 0.8))) for k in range(3)]
    yield Case((beams, _tree(rng, words), 3), "more beams")
    yield Case((beams[::-1], _tree(rng, words), 4), "more beams")


tokens_computed = Part(
    "tokens_computed",
    "What the cache saves",
    points={"without": 1, "with": 1},
    imports=ALLOWED,
    hints=(
        "A prompt of 5 tokens, 3 new ones: which tokens does the model read in the first call, the second, the third?",
        "Without a cache it reads 5, then 6, then 7. With one it reads 5, then 1, then 1.",
        "With a cache: `prompt + steps - 1`. Without: `sum(prompt + step for step in range(steps))`.",
    ),
)


@tokens_computed.cases
def tokens_computed_cases(rng):
    yield Case((5, 3, False), "without")
    yield Case((5, 3, True), "with")
    for steps in (1, int(rng.integers(20, 40)), int(rng.integers(90, 130))):
        prompt = int(rng.integers(6, 60))
        yield Case((prompt, steps, False), "without")
        yield Case((prompt, steps, True), "with")


position_ids = Part(
    "position_ids",
    "Positions in a padded batch",
    points={"one text": 1, "a batch": 1},
    imports=ALLOWED,
    hints=(
        "The mask of a row is 0 0 1 1 1. Which positions do its three words have when the text is alone?",
        "Count the ones from the left with `np.cumsum(mask, axis=-1)`. The first word gets 1; it should get 0.",
        "`np.maximum(np.cumsum(mask, axis=-1) - 1, 0)`: padding would get −1, and a table has no row −1.",
    ),
)


def _mask(lengths):
    return np.array([[0] * (max(lengths) - length) + [1] * length for length in lengths])


@position_ids.cases
def position_ids_cases(rng):
    yield Case((np.array([[0, 0, 1, 1, 1]]),), "one text")
    yield Case((np.array([[1, 1, 1, 1]]),), "one text")
    yield Case((np.repeat([[0, 1]], rng.integers(4, 40, size=2), axis=1),), "one text")
    yield Case((_mask([3, 5]),), "a batch")
    yield Case((_mask([5, 2, 4]),), "a batch")
    yield Case((_mask(rng.permutation([1, 3, 6, 8, 11]).tolist()),), "a batch")


LAB = Lab("lesson09", "Decoding and the cache", [beam_step, tokens_computed, position_ids])
