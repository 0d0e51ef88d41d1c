"""Small models that stand in for a big one while an answer is checked: built from a few numbers, the same anywhere."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Toy:
    """An input that is a function, named so that it can be sent: `helpers.checks.toys` builds it from its arguments."""

    name: str
    arguments: tuple[Any, ...] = ()


TOYS: dict[str, Callable[..., Any]] = {}


def toy(function: Callable[..., Any]) -> Callable[..., Toy]:
    """Register a builder; calling the name gives a `Toy` that is built where it is used."""
    TOYS[function.__name__] = function

    def named(*arguments: Any) -> Toy:
        return Toy(function.__name__, arguments)

    named.__doc__ = function.__doc__
    return named


def build(named: Toy) -> Any:
    """The thing that a `Toy` names. Raises ValueError for an unknown one."""
    if named.name not in TOYS:
        raise ValueError(f"there is no toy {named.name!r}")
    return TOYS[named.name](*named.arguments)


@toy
def next_logits(seed: int, vocabulary: int):
    """A language model without weights: a list of ids in, one logit per entry of the vocabulary out (float64)."""

    def model(ids):
        recent = [int(i) for i in list(ids)[-3:]]
        return np.random.default_rng([seed, len(recent), *recent]).normal(size=vocabulary) * 2

    return model


@toy
def tied_logits(seed: int, vocabulary: int):
    """As `next_logits`, with whole numbers, so that several tokens are often the likeliest."""

    def model(ids):
        recent = [int(i) for i in list(ids)[-3:]]
        return np.random.default_rng([seed, len(recent), *recent]).integers(0, 3, size=vocabulary).astype(float)

    return model


@toy
def row_logits(seed: int, vocabulary: int, context: int):
    """A row of logits after each id, which depends on all ids up to there; more ids than `context` are refused."""

    def model(ids):
        ids = [int(i) for i in ids]
        if len(ids) > context:
            raise ValueError(f"the model reads at most {context} ids at once, but it was given {len(ids)}")
        rows = [np.random.default_rng([seed, i, *ids[: i + 1]]).normal(size=vocabulary) * 2 for i in range(len(ids))]
        return np.array(rows).reshape(len(ids), vocabulary)

    return model


@toy
def cached_step(seed: int, vocabulary: int, most: int):
    """A model that reads one id per call, `step(id, cache)`, and gives the logits for the next and the new cache.

    The cache stands for the keys and values of what was read; None is an empty one. The call after the first `most`
    (if that is above 0) is refused.
    """
    calls = 0

    def step(id, cache):
        nonlocal calls
        calls += 1
        if 0 < most < calls:
            raise RuntimeError(f"step was called {calls} times, but at most {most} calls are allowed here")
        cache = (*(cache or ()), int(id))
        return np.random.default_rng([seed, *cache]).normal(size=vocabulary) * 2, cache

    return step


@toy
def box(seed: int, width: int):
    """A box of a block: a function from vectors (..., width) to vectors, with fixed numbers in it."""
    weights = np.random.default_rng(seed).normal(size=(width, width)) / np.sqrt(width)

    def apply(x):
        return np.tanh(x @ weights) + 0.5

    return apply


@toy
def tensor(values: Any):
    """A torch tensor with the values and dtype of an array, for functions that compute with torch."""
    import torch

    return torch.tensor(np.asarray(values))


def fresh(inputs: Any) -> Any:
    """A copy, so that a function which changes its input harms no one else; toys are built again."""

    def renewed(item: Any) -> Any:
        if isinstance(item, Toy):
            return build(item)
        if type(item) in (list, tuple):
            return type(item)(renewed(x) for x in item)
        if type(item) is dict:
            return {k: renewed(v) for k, v in item.items()}
        return copy.deepcopy(item)

    return renewed(inputs)
