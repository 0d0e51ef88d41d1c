"""Attention: the parts of the lab, their points, and how the inputs of their cases are drawn."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part, written_numbers
from helpers.reference import attention as reference

ALLOWED = frozenset({"numpy", "math", "collections", "itertools", "functools", "torch"})

LIBRARY = frozenset(
    {
        "softmax",
        "log_softmax",
        "scaled_dot_product_attention",
        "MultiheadAttention",
        "multi_head_attention_forward",
        "softmax_backward_data",
        "autograd",
        "backward",
        "grad",
    }
)

softmax = Part(
    "softmax",
    "A stable softmax",
    points={"shares": 2, "large scores": 1},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "What should each row of the result sum to? Print `softmax(scores).sum(axis=-1)`.",
        "There are three steps: subtract the row's maximum, take `np.exp`, and divide by the row's sum.",
        "The maximum and the sum both need `axis=-1, keepdims=True`.",
    ),
)


@softmax.cases
def softmax_cases(rng):
    yield Case((np.log([1.0, 3.0]),), "shares")
    yield Case((np.log([[1.0, 3.0], [4.0, 1.0]]),), "shares")
    yield Case((rng.normal(size=(2, 3)),), "shares")
    yield Case((rng.normal(size=(3, 2)) * 3,), "shares")
    yield Case((rng.normal(size=(2, 2, 4)),), "shares")
    yield Case((rng.normal(size=2) + 1000,), "large scores")
    yield Case((rng.normal(size=(2, 3)) - 2000,), "large scores")
    yield Case((rng.normal(size=(2, 3)) + np.array([[800.0], [-800.0]]),), "large scores")
    yield Case((np.array([-2000.0, 1000.0]),), "large scores")  # far apart within a row, to both sides of its mean
    yield Case((np.array([0.0, 0.0, 2000.0]),), "large scores")
    yield Case((np.array([-2000.0, 0.0, 0.0]) + rng.normal(size=(2, 3)),), "large scores")
    yield Case((rng.normal(size=(2, 4)) + rng.permutation([-3000.0, 900.0, 900.0, 902.0]),), "large scores")


attention = Part(
    "attention",
    "Scaled dot-product attention",
    points={"one sequence": 3, "batches and heads": 1},
    imports=ALLOWED,
    banned=LIBRARY,
    uses=("softmax",),
    hints=(
        "Print the shapes of the scores, the weights and the output. What should they be?",
        "The scores compare every query with every key: `query @ key.swapaxes(-1, -2)`.",
        "Divide the scores by `np.sqrt(query.shape[-1])`, apply the softmax, and multiply by `value`. Return both results.",
    ),
)


@attention.cases
def attention_cases(rng):
    yield Case(
        (np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])),
        "one sequence",
    )
    yield Case((rng.normal(size=(2, 4)), rng.normal(size=(3, 4)), rng.normal(size=(3, 5))), "one sequence")
    yield Case((rng.normal(size=(3, 9)) * 2, rng.normal(size=(3, 9)), rng.normal(size=(3, 9))), "one sequence")
    yield Case(
        (rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 3))), "batches and heads"
    )
    yield Case((rng.normal(size=(2, 2, 3, 4)),) * 3, "batches and heads")


masks = Part(
    "masks",
    "Causal and padding mask of a batch",
    points={"no padding": 1, "with padding": 2},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "Draw the mask of one sentence of three tokens on paper: rows are queries, columns are keys.",
        "Two conditions must both hold: the key does not come later than the query, and the key is not padding.",
        "Combine them: `np.tril(np.ones((n, n), dtype=bool)) & (attention_mask[:, None, :] == 1)`.",
    ),
)


@masks.cases
def masks_cases(rng):
    yield Case((np.ones((1, 2), dtype=int),), "no padding")
    yield Case((np.ones((2, int(rng.integers(3, 6))), dtype=int),), "no padding")
    yield Case((np.array([[1, 1, 0], [1, 1, 1]]),), "with padding")
    yield Case((np.array([[0, 1, 1], [0, 0, 1]]),), "with padding")
    lengths = rng.integers(1, 6, size=3)
    right = (np.arange(5) < lengths[:, None]).astype(int)
    yield Case((right,), "with padding")
    yield Case((right[:, ::-1].copy(),), "with padding")


split_heads = Part(
    "split_heads",
    "Split into heads",
    points={"split": 2},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "What should `split_heads(states, 2)[..., 0, :, :]` be? Compare it with `states[..., :d_head]`.",
        "There are two steps: reshape the last axis into (heads, d_head), then move the axis of heads before the tokens.",
        "Use `states.reshape(*states.shape[:-1], heads, -1).swapaxes(-3, -2)`.",
    ),
)


def _numbers(*shape):
    return np.arange(np.prod(shape), dtype=float).reshape(shape)


@split_heads.cases
def split_heads_cases(rng):
    yield Case((_numbers(2, 4), 2), "split")
    yield Case((_numbers(3, 6), 2), "split")
    yield Case((rng.normal(size=(4, 4)), 4), "split")
    yield Case((rng.normal(size=(2, 3, 8)), 2), "split")
    yield Case((rng.normal(size=(2, 5, 6)), 1), "split")
    yield Case((rng.normal(size=(2, 3, 4, 6)), 3), "split")


merge_heads = Part(
    "merge_heads",
    "Merge the heads again",
    points={"merge": 2},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "Your function must undo `split_heads`. Is `merge_heads(split_heads(x, h))` equal to x?",
        "Take the steps of `split_heads` backwards: first move the tokens before the heads, then join the last two axes.",
        "Use `x = states.swapaxes(-3, -2)`, then `x.reshape(*x.shape[:-2], -1)`.",
    ),
)


@merge_heads.cases
def merge_heads_cases(rng):
    yield Case((_numbers(2, 2, 2),), "merge")
    yield Case((_numbers(2, 3, 2),), "merge")
    yield Case((rng.normal(size=(3, 4, 2)),), "merge")
    yield Case((rng.normal(size=(2, 3, 5, 2)),), "merge")
    yield Case((rng.normal(size=(2, 1, 3, 4)),), "merge")
    yield Case((rng.normal(size=(2, 2, 3, 4, 2)),), "merge")


sinusoidal = Part(
    "sinusoidal",
    "Sinusoidal positions",
    points={"values": 3},
    imports=ALLOWED,
    banned=LIBRARY,
    stretch=True,
    hints=(
        "What is in row 0? It is sin(0) and cos(0), in turn.",
        "Pair i turns at the speed 1 / 10000 ** (2 i / width).",
        "Even columns are sines and odd columns are cosines of "
        "`angles = np.arange(tokens)[:, None] / 10000 ** (np.arange(0, width, 2) / width)`.",
    ),
)


@sinusoidal.cases
def sinusoidal_cases(rng):
    yield Case((1, 4), "values")
    yield Case((3, 4), "values")
    yield Case((4, 2), "values")
    yield Case((int(rng.integers(5, 9)), 8), "values")
    yield Case((int(rng.integers(10, 40)), int(rng.choice([6, 10, 16]))), "values")


softmax_gradient = Part(
    "softmax_gradient",
    "The gradient of the softmax",
    points={"values": 3},
    imports=ALLOWED,
    banned=LIBRARY,
    stretch=True,
    hints=(
        "What must the gradient of a row sum to? (Adding the same number to all scores changes no share.)",
        "Start from ∂pᵢ/∂sⱼ = pᵢ (δᵢⱼ - pⱼ), and write out the sum over i.",
        "Use `weights * (upstream - (weights * upstream).sum(axis=-1, keepdims=True))`.",
    ),
)


@softmax_gradient.cases
def softmax_gradient_cases(rng):
    yield Case((np.array([0.25, 0.75]), np.array([1.0, 0.0])), "values")
    yield Case((reference.softmax(rng.normal(size=3)), rng.normal(size=3)), "values")
    yield Case((reference.softmax(rng.normal(size=(2, 4))), rng.normal(size=(2, 4))), "values")
    yield Case((reference.softmax(rng.normal(size=(2, 3, 3))), rng.normal(size=(2, 3, 3))), "values")


LAB = Lab(
    "lab02_attention",
    "Attention",
    [softmax, attention, masks, split_heads, merge_heads, sinusoidal, softmax_gradient, written_numbers()],
)
