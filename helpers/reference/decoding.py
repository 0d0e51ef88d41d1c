"""From logits to the next token: temperature, top-k, top-p, greedy choice, sampling, and the loop.

`temperature`, `top_k` and `top_p` take logits and give logits back, so that they can be chained in any order.
A token that is cut gets the logit -inf, that is, probability 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.reference.attention import softmax

if TYPE_CHECKING:
    from jaxtyping import Float, Int


def temperature(
    logits: Float[np.ndarray, "*batch vocabulary"], t: float
) -> Float[np.ndarray, "*batch vocabulary"]:
    """Logits divided by `t`: below 1 the likely tokens gain, above 1 the unlikely ones do.

    The softmax of the result is proportional to p ** (1 / t). Raises ValueError unless `t` > 0:
    the limit of t → 0 is `greedy`.
    """
    if not t > 0:
        raise ValueError(f"temperature is {t}, it must be above 0. For the likeliest token use greedy().")
    return np.asarray(logits) / t


def top_k(
    logits: Float[np.ndarray, "*batch vocabulary"], k: int
) -> Float[np.ndarray, "*batch vocabulary"]:
    """Keep the `k` highest logits, cut the rest (Fan et al. 2018).

    All tokens tied with the k-th highest stay, so more than `k` may be left. A `k` beyond the
    vocabulary keeps everything. Raises ValueError when `k` < 1.
    """
    if k < 1:
        raise ValueError(f"top_k is {k}, it must be at least 1: some token has to be left.")
    logits = np.asarray(logits)
    k = min(k, logits.shape[-1])
    threshold = np.sort(logits, axis=-1)[..., -k, None]
    return np.where(logits < threshold, -np.inf, logits)


def top_p(
    logits: Float[np.ndarray, "*batch vocabulary"], p: float
) -> Float[np.ndarray, "*batch vocabulary"]:
    """Keep the nucleus: the fewest likeliest tokens whose mass reaches `p` (Holtzman et al. 2020).

    The likeliest token always stays, even for p = 0; p = 1 changes nothing. Where the nucleus ends
    among tied tokens, the ones with the lower ids stay. Raises ValueError unless 0 <= `p` <= 1.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"top_p is {p}, it must lie between 0 and 1.")
    logits = np.asarray(logits)
    if p == 1:
        return logits
    unlikely_first = np.argsort(-logits, axis=-1, kind="stable")[..., ::-1]
    ordered = np.take_along_axis(softmax(logits, axis=-1), unlikely_first, axis=-1)
    # Summed from the unlikely end: in the other direction the small ones are lost in rounding.
    cut = np.cumsum(ordered, axis=-1) <= 1 - p
    cut[..., -1] = False
    cut_by_token = np.empty_like(cut)
    np.put_along_axis(cut_by_token, unlikely_first, cut, axis=-1)
    return np.where(cut_by_token, -np.inf, logits)


def greedy(logits: Float[np.ndarray, "*batch vocabulary"]) -> Int[np.ndarray, "*batch"]:
    """The id of the highest logit; of tied ones the lowest id."""
    return np.argmax(logits, axis=-1)


def sample(
    logits: Float[np.ndarray, "*batch vocabulary"], rng: np.random.Generator
) -> Int[np.ndarray, "*batch"]:
    """One id per row, drawn with the probabilities softmax(logits).

    Laid end to end, the probabilities cover the line from 0 to 1; a uniform random number hits one of them.
    """
    right_ends = np.cumsum(softmax(np.asarray(logits), axis=-1), axis=-1)
    point = rng.random((*right_ends.shape[:-1], 1)) * right_ends[..., -1:]
    return np.sum(right_ends <= point, axis=-1)


def generate(
    next_logits: Callable[[list[int]], Float[np.ndarray, " vocabulary"]],
    ids: Sequence[int],
    steps: int,
    choose: Callable[[Float[np.ndarray, " vocabulary"]], int],
    stop: int | None = None,
) -> list[int]:
    """`ids` and up to `steps` tokens more, each chosen from what the model says about all those before it.

    `next_logits` is the model: ids in, one logit per entry of the vocabulary out. `choose` turns these
    logits into an id, for instance `greedy`, or `lambda z: sample(top_p(z, 0.9), rng)`. The loop ends
    early after the id `stop` (it is kept, as transformers' `generate` does).
    """
    ids = [int(i) for i in ids]
    for _ in range(steps):
        ids.append(int(choose(next_logits(ids))))
        if ids[-1] == stop:
            break
    return ids
