"""An answer that stands in the text: windows over it, the best span, and how near it is to the right one.

for window in windows(tokens, size=160, stride=80): ...          # each gives a start and an end logit per token
best_span(start, end, allowed, longest=16)                       # → Span(first, last, score)
max(f1(predicted, answer) for answer in answers)
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float


class Span(NamedTuple):
    """Tokens `first` to `last`, both of them in it, and the sum of their two logits."""

    first: int
    last: int
    score: float


def windows(length: int, size: int, stride: int) -> list[range]:
    """Where to cut a text of `length` tokens that has to be read in pieces of at most `size`.

    Each begins `stride` tokens after the one before, and the last one ends where the text does. Pieces share
    `size - stride` tokens, so an answer up to one token longer than that is whole in one of them.
    Raises ValueError unless 0 < `stride` <= `size`.
    """
    if not 0 < stride <= size:
        raise ValueError(f"stride is {stride} and size is {size}: a step must be above 0 and at most a window.")
    starts = [0]
    while starts[-1] + size < length:
        starts.append(starts[-1] + stride)
    return [range(start, min(start + size, length)) for start in starts]


def best_span(
    start: Float[np.ndarray, " tokens"],
    end: Float[np.ndarray, " tokens"],
    allowed: Bool[np.ndarray, " tokens"],
    longest: int = 30,
) -> Span | None:
    """The span with the highest start + end logit, as in BERT's reading of SQuAD (Devlin et al. 2019).

    Both of its tokens are `allowed` (the text's, not the question's), the last is not before the first, and it has at
    most `longest` tokens. Of equal scores the earlier start, then the earlier end wins. None if no token is allowed.
    Raises ValueError when `longest` < 1.
    """
    if longest < 1:
        raise ValueError(f"longest is {longest}, it must be at least 1.")
    start, end, allowed = np.asarray(start, dtype=float), np.asarray(end, dtype=float), np.asarray(allowed, dtype=bool)
    if not allowed.any():
        return None
    scores = np.where(allowed[:, None] & allowed[None, :], start[:, None] + end[None, :], -np.inf)
    length = np.arange(len(end))[None, :] - np.arange(len(start))[:, None] + 1
    scores[(length < 1) | (length > longest)] = -np.inf
    first, last = np.unravel_index(scores.argmax(), scores.shape)
    return Span(int(first), int(last), float(scores[first, last]))


def normalized(answer: str) -> str:
    """What SQuAD compares: lower case, without punctuation, without a, an and the, with single spaces."""
    kept = "".join(letter for letter in answer.lower() if letter not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", kept).split())


def exact_match(predicted: str, answer: str) -> float:
    """1 if both are the same once they are `normalized`, else 0."""
    return float(normalized(predicted) == normalized(answer))


def f1(predicted: str, answer: str) -> float:
    """The harmonic mean of precision and recall of the words, after `normalized`; 1 if both have none.

    A word that stands twice in one and once in the other is shared once (Rajpurkar et al. 2016).
    """
    mine, theirs = normalized(predicted).split(), normalized(answer).split()
    if not mine or not theirs:
        return float(mine == theirs)
    shared = sum((Counter(mine) & Counter(theirs)).values())
    return 2 * shared / (len(mine) + len(theirs))


def best_of(metric: Callable[[str, str], float], predicted: str, answers: Collection[str]) -> float:
    """The highest value of `metric` over all right `answers`. Raises ValueError if there are none."""
    if not answers:
        raise ValueError("There is no right answer to compare with.")
    return max(metric(predicted, answer) for answer in answers)
