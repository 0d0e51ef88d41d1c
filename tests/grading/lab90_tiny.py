"""The tiny lab of the grader's tests: four parts on NumPy and one written answer, graded in a few seconds."""

from __future__ import annotations

import numpy as np

from helpers.checks.parts import Case, Lab, Part

LIBRARY = frozenset({"softmax", "log_softmax", "scaled_dot_product_attention", "multi_head_attention_forward"})
D_MODEL = 8


def _softmax(scores):
    with np.errstate(all="ignore"):
        shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return shifted / shifted.sum(axis=-1, keepdims=True)


def _attention(query, key, value):
    return _softmax(query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])) @ value


def _merge(tokens, pair):
    merged = []
    for token in tokens:
        if merged and not isinstance(merged[-1], tuple) and (merged[-1], token) == tuple(pair):
            merged[-1] = (merged[-1] + token,)  # a tuple: made in this pass, not to be merged again
        else:
            merged.append(token)
    return [token[0] if isinstance(token, tuple) else token for token in merged]


# --- 1. softmax -------------------------------------------------------------------------------------

softmax = Part(
    "softmax",
    "A stable softmax",
    points={"shares": 2, "large scores": 1},
    answer=_softmax,
    banned=LIBRARY,
    hints=("What should each row sum to?",),
)


@softmax.cases
def _(rng):
    yield Case((np.log([1.0, 3.0]),), "shares")
    yield Case((rng.normal(size=(2, 3)),), "shares")
    yield Case((rng.normal(size=(3, 2)) * 3,), "shares")
    yield Case((rng.normal(size=2) + 1000,), "large scores")
    yield Case((rng.normal(size=(2, 3)) - 2000,), "large scores")


@softmax.mistake("over everything", "All entries together sum to 1, not each row.", "Which axis is one query's?")
def _(scores):
    e = np.exp(scores - scores.max())
    return e / e.sum()


@softmax.mistake("no maximum subtracted", "Large scores come out as nan.", "What is `np.exp(1000.0)`?")
def _(scores):
    with np.errstate(all="ignore"):
        e = np.exp(scores)
        return e / e.sum(axis=-1, keepdims=True)


# --- 2. attention, which may call softmax -------------------------------------------------------------

attention = Part(
    "attention",
    "Scaled dot-product attention",
    points={"one sequence": 3, "batches": 1},
    answer=_attention,
    banned=LIBRARY,
    uses=("softmax",),
    hints=("Print the shapes.",),
)


@attention.cases
def _(rng):
    yield Case((np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]]), np.eye(2)), "one sequence")
    yield Case((rng.normal(size=(2, 4)), rng.normal(size=(3, 4)), rng.normal(size=(3, 5))), "one sequence")
    yield Case((rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 3))), "batches")


@attention.mistake("no scale", "The scores are not divided by the root of d_k.", "How does q·k grow with d_k?")
def _(query, key, value):
    return _softmax(query @ key.swapaxes(-1, -2)) @ value


# --- 3. merge ---------------------------------------------------------------------------------------

merge = Part(
    "merge",
    "Merge a pair of tokens",
    points={"apart": 2, "overlapping": 2},
    answer=_merge,
    hints=("Go from left to right. What do you do after a merge?",),
)


@merge.cases
def _(rng):
    yield Case((["a", "b", "c"], ("a", "b")), "apart")
    for length in (6, 12):
        tokens = rng.choice(list("abcd"), size=length).tolist()
        at = int(rng.integers(length - 1))
        first, second = ("a", "b") if tokens[at] == tokens[at + 1] else tokens[at : at + 2]
        yield Case((tokens, (first, second)), "apart")
    yield Case((["a", "a", "a"], ("a", "a")), "overlapping")
    yield Case((["b", *["a"] * int(rng.integers(4, 9)), "aa", "a"], ("a", "a")), "overlapping")


@merge.mistake("only the first", "Only the first pair is merged.", "How many pairs are there?")
def _(tokens, pair):
    for i in range(len(tokens) - 1):
        if tuple(tokens[i : i + 2]) == tuple(pair):
            return [*tokens[:i], "".join(pair), *tokens[i + 2 :]]
    return list(tokens)


# --- 4. a number ------------------------------------------------------------------------------------

parameters = Part(
    "parameters",
    "Count the parameters",
    points={"count": 3},
    answer=lambda: 4 * (D_MODEL**2 + D_MODEL),
    is_value=True,
    hints=("How many matrices, of which shape? And the biases?",),
)


@parameters.cases
def _(rng):
    yield Case((), "count")


@parameters.mistake("no biases", "The matrices are counted, the biases are not.", "What is added after each product?")
def _():
    return 4 * D_MODEL**2


LAB = Lab("lab90_tiny", "A tiny lab", [softmax, attention, merge, parameters])
