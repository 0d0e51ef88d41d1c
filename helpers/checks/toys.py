"""Small models that stand in for a big one while an answer is checked: the same everywhere, built from a few numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.values import Toy

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
