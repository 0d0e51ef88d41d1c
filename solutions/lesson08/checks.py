"""The gaps of lesson 08: the loss of a text, and the entropy of a distribution."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math", "torch"})

next_token_loss = Part(
    "next_token_loss",
    "The loss of a text",
    points={"two tokens": 1, "longer texts": 1},
    imports=ALLOWED,
    banned=frozenset({"cross_entropy", "CrossEntropyLoss", "nll_loss"}),
    hints=(
        "Which row of p answers for the second token? Which row answers for nothing?",
        "The rows that count are `p[:-1]`, and they are asked for `ids[1:]`.",
        "`asked = p[np.arange(len(ids) - 1), ids[1:]]`, then `-np.log(asked).mean()`.",
    ),
)


@next_token_loss.cases
def next_token_loss_cases(rng):
    yield Case((np.array([[0.5, 0.25, 0.25], [0.8, 0.1, 0.1]]), np.array([0, 1])), "two tokens")
    for tokens, words in ((2, 4), (3, 5), (6, 7)):
        p = rng.dirichlet(np.ones(words), size=tokens)
        yield Case((p, rng.permutation(words)[:tokens]), "two tokens" if tokens == 2 else "longer texts")


entropy = Part(
    "entropy",
    "Entropy in bits",
    points={"one distribution": 1, "zeros": 1, "rows": 1},
    imports=ALLOWED,
    banned=frozenset({"entropy", "Categorical"}),
    hints=(
        "What does your function give for a fair coin, (0.5, 0.5)? It should be 1.",
        "It is minus the sum of p times the logarithm of p to the base 2, along the last axis.",
        "Where p is 0, take 0: `np.log2(p, where=p > 0, out=np.zeros_like(p))`.",
    ),
)


@entropy.cases
def entropy_cases(rng):
    yield Case((np.array([0.5, 0.5]),), "one distribution")
    yield Case((np.array([0.5, 0.25, 0.25]),), "one distribution")
    yield Case((rng.dirichlet(np.ones(5)),), "one distribution")
    yield Case((np.array([0.5, 0.0, 0.5]),), "zeros")
    yield Case((np.array([1.0, 0.0]),), "zeros")
    yield Case((np.append(rng.dirichlet(np.ones(4)), [0.0, 0.0])[rng.permutation(6)],), "zeros")
    yield Case((np.array([[0.5, 0.5], [0.75, 0.25]]),), "rows")
    yield Case((rng.dirichlet(np.ones(4), size=(2, 3)),), "rows")


LAB = Lab("lesson08", "Generating text", [next_token_loss, entropy])
