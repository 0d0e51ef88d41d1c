"""The parts of lab02_attention: right answers, cases, and the wrong answers that people give."""

from __future__ import annotations

import functools

import numpy as np

from helpers.checks.parts import Case, Lab, Part
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


def _exp(scores, axis=-1):
    with np.errstate(all="ignore"):
        e = np.exp(scores)
        return e / e.sum(axis=axis, keepdims=True)


# --- 1. softmax -------------------------------------------------------------------------------------

softmax = Part(
    "softmax",
    "A stable softmax",
    points={"shares": 2, "large scores": 1},
    answer=reference.softmax,
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "What should each row of the result sum to? Print `softmax(scores).sum(axis=-1)`.",
        "Three steps: subtract the row's maximum, take `np.exp`, divide by the row's sum.",
        "Both the maximum and the sum need `axis=-1, keepdims=True`.",
    ),
)


@softmax.cases
def _(rng):
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


@softmax.mistake(
    "over the queries",
    "Your columns sum to 1, your rows do not: the softmax runs over the queries.",
    "One row holds the scores of one query. Over which axis should its shares sum to 1?",
    "The last axis: `axis=-1`, in the maximum and in the sum.",
)
def _(scores):
    axis = 0 if np.ndim(scores) < 3 else -2
    return reference.softmax(scores, axis=axis)


@softmax.mistake(
    "over everything",
    "All entries together sum to 1: the sum runs over the whole array, not over each row.",
    "How many queries are there, and how many numbers did you divide by?",
    "Give `sum` an axis: `.sum(axis=-1, keepdims=True)`.",
)
def _(scores):
    e = np.exp(scores - scores.max())
    return e / e.sum()


@softmax.mistake(
    "over everything",
    "Your rows do not sum to 1, all of them together do: the sum runs over the whole array.",
    "How many queries are there, and how many numbers did you divide by?",
    "Give `sum` an axis: `.sum(axis=-1, keepdims=True)`.",
)
def _(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum()


@softmax.mistake(
    "no maximum subtracted",
    "Small scores come out right, large ones as nan: `exp` of 1000 is infinite.",
    "What is `np.exp(1000.0)`? And infinity divided by infinity?",
    "Subtracting the same number from all scores of a row changes no share. Which number keeps `exp` at most 1?",
    "`scores - scores.max(axis=-1, keepdims=True)` before `np.exp`.",
)
def _(scores):
    return _exp(scores)


@softmax.mistake(
    "the maximum of everything subtracted",
    "Rows far below the largest score come out as nan or 0: one maximum is subtracted from all rows.",
    "Take a row of scores near -800 beside a row near 800. What is left of it after subtracting 800?",
    "Each row needs its own maximum: `axis=-1, keepdims=True`.",
)
def _(scores):
    return _exp(scores - np.max(scores))


@softmax.mistake(
    "keepdims forgotten",
    "The sums of the rows meet the columns: without `keepdims`, NumPy lines them up with the last axis.",
    "What shape has `e.sum(axis=-1)` when `e` has the shape (2, 3)? How is (2,) broadcast against (2, 3)?",
    "`keepdims=True` keeps the axis with length 1, so that each row is divided by its own sum.",
)
def _(scores):
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return e / e.sum(axis=-1)


@softmax.mistake(
    "keepdims forgotten in the maximum",
    "The maximum of each row is subtracted from a column.",
    "What shape has `scores.max(axis=-1)`? How is it broadcast?",
    "Use `keepdims=True` in the maximum as well.",
)
def _(scores):
    return _exp(scores - np.max(scores, axis=-1))


@softmax.mistake(
    "no exponential",
    "These are the scores divided by their sum: the exponential is missing.",
    "Can a share be negative?",
    "Take `np.exp` first, then divide by the sum.",
)
def _(scores):
    with np.errstate(all="ignore"):
        return scores / scores.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "not divided",
    "The exponentials are right, but nothing makes them shares: they do not sum to 1.",
    "What do you have to divide by, so that a row sums to 1?",
    "Divide by `e.sum(axis=-1, keepdims=True)`.",
)
def _(scores):
    return np.exp(scores - np.max(scores, axis=-1, keepdims=True))


@softmax.mistake(
    "the maximum subtracted after exp",
    "The maximum is subtracted from the exponentials, not from the scores.",
    "Which of the two can grow too large: the scores, or `exp` of the scores?",
    "Subtract first, then `np.exp`.",
)
def _(scores):
    with np.errstate(all="ignore"):
        e = np.exp(scores)
        e = e - e.max(axis=-1, keepdims=True)
        return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "the logarithm of the shares",
    "These are the logarithms of the shares: a log-softmax.",
    "Are your values between 0 and 1?",
    "Leave the logarithm out.",
)
def _(scores):
    return np.log(np.maximum(reference.softmax(scores), 1e-300))


@softmax.mistake(
    "the mean subtracted",
    "The mean of the row (or its median) is subtracted: where its scores lie far apart, the largest is still too large for `exp`.",
    "Scores 0, 0 and 2000: what is left of the largest after subtracting the mean?",
    "Subtract the maximum: then the largest is 0.",
)
def _(scores):
    return _exp(scores - np.mean(scores, axis=-1, keepdims=True))


@softmax.mistake(
    "the minimum subtracted",
    "The minimum of the row (or its first score) is subtracted: what is left of the largest is too large for `exp`.",
    "Scores -2000 and 1000: what is left of the larger one after subtracting the minimum?",
    "Subtract the maximum: then the largest is 0.",
)
def _(scores):
    return _exp(scores - np.min(scores, axis=-1, keepdims=True))


@softmax.sign(
    "the scores clipped",
    "Large scores were cut to a bound such as ±700: scores beyond it become equal, although one of them is larger.",
    "Scores 1000 and 1001 clipped to 700: which is larger then?",
    "Nothing is to be cut: `scores - scores.max(axis=-1, keepdims=True)`.",
)
def _(inputs, expected, outcome):
    (scores,), got = inputs, np.asarray(outcome.output, dtype=float)
    bounds = (20, 30, 50, 80, 88, 100, 200, 300, 500, 600, 650, 700, 705, 708, 709, 709.7, 709.78, 710, 745, 800, 1000)
    clipped = (
        f(scores, bound)
        for bound in bounds
        for f in (lambda s, b: np.clip(s, -b, b), np.minimum, lambda s, b: np.maximum(s, -b))
    )
    return any(np.allclose(found, got, equal_nan=True) for found in map(_exp, clipped))


@softmax.mistake(
    "all or nothing",
    "The largest score gets 1 and the others 0: that is a maximum, not a softmax.",
    "What share should a score get that is only a little smaller than the largest?",
    "`np.exp` of the scores, divided by their sum.",
)
def _(scores):
    return (scores == np.max(scores, axis=-1, keepdims=True)).astype(float)


def _axis_one(error):
    """What `axis=1` gives: right for two axes, an error for one, wrong for three."""

    def answer(scores):
        if scores.ndim == 1:
            raise error("axis 1 is out of bounds for array of dimension 1")
        return reference.softmax(scores, axis=1)

    return answer


for _error in (np.exceptions.AxisError, IndexError):  # NumPy's, torch's
    softmax.mistake(
        "axis=1",
        "Right for two axes, not for one or three: axis 1 is the last axis only in an array with two axes.",
        "Which is the last axis of an array of shape (3,)? And of (2, 2, 4)?",
        "`axis=-1` is the last one, however many there are.",
    )(_axis_one(_error))


# --- 2. attention -----------------------------------------------------------------------------------

attention = Part(
    "attention",
    "Scaled dot-product attention",
    points={"one sequence": 3, "batches and heads": 1},
    answer=lambda q, k, v: reference.attention(q, k, v),
    imports=ALLOWED,
    banned=LIBRARY,
    uses=("softmax",),
    hints=(
        "Print the shapes: what are the shapes of the scores, the weights and the output?",
        "Scores compare every query with every key: `query @ key.swapaxes(-1, -2)`.",
        "Divide the scores by `np.sqrt(query.shape[-1])`, apply the softmax, multiply by `value`; return both.",
    ),
)


@attention.cases
def _(rng):
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


def _attend(q, k, v, scale=None, axis=-1, change=lambda s: s):
    scores = change(q @ np.swapaxes(k, -1, -2) / (np.sqrt(q.shape[-1]) if scale is None else scale))
    weights = reference.softmax(scores, axis=axis)
    return weights @ v, weights


@attention.mistake(
    "no scale",
    "Your weights are too sharp: the scores are not divided by the root of d_k.",
    "How does the spread of q·k grow with the length of the vectors?",
    "Divide the scores by `np.sqrt(d_k)`.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=1)


@attention.mistake(
    "scaled by d_k",
    "Your weights are too flat: the scores are divided by d_k itself, not by its root.",
    "The variance of q·k is about d_k. What is its standard deviation?",
    "Divide by `np.sqrt(query.shape[-1])`.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=q.shape[-1])


@attention.mistake(
    "scaled by the number of keys",
    "The scores are divided by the root of the number of keys: the wrong axis was measured.",
    "Whose length makes a dot product large: the vectors', or the sequence's?",
    "`query.shape[-1]` is d_k.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=np.sqrt(k.shape[-2]))


@attention.mistake(
    "scaled by the number of queries",
    "The scores are divided by the number of queries, or its root: `len(query)` is not d_k.",
    "For a query of shape (3, 64): what is `len(query)`, and what is d_k?",
    "`query.shape[-1]` is d_k.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=np.sqrt(len(q)))


@attention.mistake(
    "scaled by the number of queries",
    "The scores are divided by the number of queries, or its root: `len(query)` is not d_k.",
    "For a query of shape (3, 64): what is `len(query)`, and what is d_k?",
    "`query.shape[-1]` is d_k.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=np.sqrt(q.shape[-2]))


@attention.mistake(
    "scaled by the number of queries",
    "The scores are divided by the number of queries, or its root: `len(query)` is not d_k.",
    "For a query of shape (3, 64): what is `len(query)`, and what is d_k?",
    "Divide by `np.sqrt(query.shape[-1])`.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=len(q))


@attention.mistake(
    "scaled by d_v",
    "The scores are divided by the root of d_v, the length of the values; it is queries and keys that are multiplied.",
    "Which vectors meet in the dot product, and how long are they?",
    "`query.shape[-1]` is d_k.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=np.sqrt(v.shape[-1]))


@attention.mistake(
    "scaled by d_v",
    "The scores are divided by d_v, the length of the values; it is queries and keys that are multiplied.",
    "Which vectors meet in the dot product, and how long are they?",
    "Divide by `np.sqrt(query.shape[-1])`.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=v.shape[-1])


@attention.mistake(
    "axis=1",
    "It is right for one sequence and wrong for batches: d_k was measured on axis 1, which is the last axis only in an array with two.",
    "For a query of shape (2, 3, 4): what is `query.shape[1]`, and what is d_k?",
    "`query.shape[-1]` is d_k, however many axes there are.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=np.sqrt(q.shape[1]))


@attention.mistake(
    "a causal mask",
    "The weights of later keys are set to 0, as if in a decoder; here every query looks at every key.",
    "Does the question mention a mask? And what do your rows of weights sum to?",
    "Leave the mask out: the masks come in part 3.",
)
def _(q, k, v):
    weights = np.tril(_attend(q, k, v)[1])
    return weights @ v, weights


@attention.mistake(
    "a causal mask",
    "Later keys are hidden, as in a decoder; here every query looks at every key.",
    "Does the question mention a mask?",
    "Leave the mask out: the masks come in part 3.",
)
def _(q, k, v):
    return _attend(q, k, v, change=lambda s: np.where(np.tril(np.ones(s.shape[-2:])) == 1, s, -1e9))


@attention.mistake(
    "a causal mask",
    "Later keys are hidden, as in a decoder; here every query looks at every key.",
    "Does the question mention a mask?",
    "Leave the mask out: the masks come in part 3.",
)
def _(q, k, v):
    return _attend(
        q, k, v, change=lambda s: np.where(np.tril(np.ones(s.shape[-2:]), s.shape[-1] - s.shape[-2]) == 1, s, -1e9)
    )


@attention.mistake(
    "axis=1",
    "It is right for one sequence and wrong for batches: axis 1 is the keys' axis only in an array with two axes.",
    "Which is the last axis of scores of shape (2, 3, 5)?",
    "`axis=-1` is the last one, however many there are.",
)
def _(q, k, v):
    return _attend(q, k, v, axis=1)


@attention.mistake(
    "all or nothing",
    "Each query looks only at the key with the highest score: that is a maximum, not a softmax.",
    "What weight should a key get whose score is only a little lower?",
    "`softmax(scores)`.",
)
def _(q, k, v):
    scores = q @ np.swapaxes(k, -1, -2)
    weights = (scores == scores.max(axis=-1, keepdims=True)).astype(float)
    return weights @ v, weights


@attention.mistake(
    "multiplied by the scale",
    "The scores are multiplied by the root of d_k where they should be divided.",
    "Should scores of long vectors become larger or smaller?",
    "Divide: `/ np.sqrt(d_k)`.",
)
def _(q, k, v):
    return _attend(q, k, v, scale=1 / np.sqrt(q.shape[-1]))


@attention.mistake(
    "softmax over the queries",
    "Each key's column of weights sums to 1, each query's row does not.",
    "Who shares out its attention: a query over the keys, or a key over the queries?",
    "`softmax(scores)` over the last axis.",
)
def _(q, k, v):
    return _attend(q, k, v, axis=-2)


@attention.mistake(
    "scaled after the softmax",
    "Your rows of weights do not sum to 1: the division by the root of d_k comes after the softmax.",
    "What do the weights of a query sum to?",
    "Divide the scores, then apply the softmax.",
)
def _(q, k, v):
    weights = reference.softmax(q @ np.swapaxes(k, -1, -2)) / np.sqrt(q.shape[-1])
    return weights @ v, weights


@attention.mistake(
    "queries and keys exchanged",
    "The roles are exchanged: keys ask and queries answer.",
    "Which of the two should have one row of weights each?",
    "Scores have the shape (queries, keys): `query @ key.swapaxes(-1, -2)`.",
)
def _(q, k, v):
    return _attend(k, q, v)


@attention.mistake(
    "keys read as values",
    "The output mixes the keys: the weights must multiply the values.",
    "What has the same number of rows as there are keys, and is what is handed on?",
    "`weights @ value`.",
)
def _(q, k, v):
    return _attend(q, k, k)


@attention.mistake(
    "only the output returned",
    "The output is right, the weights are missing: both are asked for.",
    "What does the question say is returned?",
    "`return weights @ value, weights`.",
)
def _(q, k, v):
    return _attend(q, k, v)[0]


@attention.mistake(
    "returned in the other order",
    "Output and weights are both right, in the wrong order.",
    "Which comes first in the question?",
    "`return output, weights`.",
)
def _(q, k, v):
    return _attend(q, k, v)[::-1]


@attention.mistake(
    "scores instead of weights",
    "The output is right, but what you return beside it are the scores before the softmax.",
    "Do the rows of what you return sum to 1?",
    "Keep the result of the softmax in a variable and return that.",
)
def _(q, k, v):
    return _attend(q, k, v)[0], q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])


@attention.mistake(
    "all axes turned with .T",
    "It is right for one sequence and fails with batches: `.T` turns all axes around.",
    "What is the shape of `key.T` when `key` has the shape (2, 5, 4)?",
    "Exchange only the last two axes: `key.swapaxes(-1, -2)`.",
)
def _(q, k, v):
    scores = q @ np.asarray(k).T / np.sqrt(q.shape[-1])
    weights = reference.softmax(scores)
    return weights @ v, weights


# --- 3. masks ---------------------------------------------------------------------------------------


def _allowed(attention_mask):
    tokens = attention_mask.shape[-1]
    return np.tril(np.ones((tokens, tokens), dtype=bool)) & (attention_mask[:, None, :] == 1)


masks = Part(
    "masks",
    "Causal and padding mask of a batch",
    points={"no padding": 1, "with padding": 2},
    answer=_allowed,
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "Draw the mask of one sentence of three tokens on paper: rows are queries, columns are keys.",
        "Two conditions, both must hold: the key is not later than the query, and the key is no padding.",
        "`np.tril(np.ones((n, n), dtype=bool)) & (attention_mask[:, None, :] == 1)`.",
    ),
)


@masks.cases
def _(rng):
    yield Case((np.ones((1, 2), dtype=int),), "no padding")
    yield Case((np.ones((2, int(rng.integers(3, 6))), dtype=int),), "no padding")
    yield Case((np.array([[1, 1, 0], [1, 1, 1]]),), "with padding")
    yield Case((np.array([[0, 1, 1], [0, 0, 1]]),), "with padding")
    lengths = rng.integers(1, 6, size=3)
    right = (np.arange(5) < lengths[:, None]).astype(int)
    yield Case((right,), "with padding")
    yield Case((right[:, ::-1].copy(),), "with padding")


@masks.mistake(
    "polarity reversed",
    "True stands where looking is forbidden: the opposite of what is asked here.",
    "Should the first token be allowed to look at itself? What stands at [0, 0, 0]?",
    "Here True means: may look. Negate with `~`.",
)
def _(m):
    return ~_allowed(m)


@masks.mistake(
    "causal mask off by one",
    "A token cannot see itself: the diagonal is forbidden.",
    "Which keys may query 0 see?",
    "`np.tril` with k=0 keeps the diagonal.",
)
def _(m):
    return np.tril(np.ones((m.shape[-1],) * 2, dtype=bool), k=-1) & (m[:, None, :] == 1)


@masks.mistake(
    "one token of the future allowed",
    "Each token also sees the one after it.",
    "Which keys may query 0 see?",
    "`np.tril` with k=0, not k=1.",
)
def _(m):
    return np.tril(np.ones((m.shape[-1],) * 2, dtype=bool), k=1) & (m[:, None, :] == 1)


@masks.mistake(
    "the future instead of the past",
    "The triangle is the upper one: tokens see what comes later, not what came before.",
    "Rows are queries. May row 0 see column 2?",
    "`np.tril`, not `np.triu`.",
)
def _(m):
    return np.triu(np.ones((m.shape[-1],) * 2, dtype=bool)) & (m[:, None, :] == 1)


@masks.mistake(
    "padding mask on the queries",
    "The padding is hidden from the wrong side: its rows are False, its columns are not.",
    "Who must not look at whom: padding at tokens, or tokens at padding?",
    "Keys are the last axis: `attention_mask[:, None, :]`.",
)
def _(m):
    return np.tril(np.ones((m.shape[-1],) * 2, dtype=bool)) & (m[:, :, None] == 1)


@masks.mistake(
    "padding hidden on both sides",
    "The padding's own rows are forbidden as well: such a query may look nowhere, "
    "although only keys were to be hidden.",
    "Does the question hide queries?",
    "Only the keys: `attention_mask[:, None, :]`.",
)
def _(m):
    return _allowed(m) & (m[:, :, None] == 1)


@masks.mistake(
    "no causal mask",
    "The padding is hidden, but every token sees the future.",
    "What may query 0 see in a decoder?",
    "Combine with `np.tril(np.ones((n, n), dtype=bool))`.",
)
def _(m):
    return np.repeat(m[:, None, :] == 1, m.shape[-1], axis=1)


@masks.mistake(
    "no padding mask",
    "The future is hidden, the padding is not.",
    "What does `attention_mask` say about the last tokens of the short sentence?",
    "Combine with `attention_mask[:, None, :] == 1`.",
)
def _(m):
    return np.repeat(np.tril(np.ones((m.shape[-1],) * 2, dtype=bool))[None], len(m), axis=0)


@masks.mistake(
    "either instead of both",
    "A key is allowed when one of the two conditions holds; both must.",
    "May a token look at padding that stands before it?",
    "`&`, not `|`.",
)
def _(m):
    return np.tril(np.ones((m.shape[-1],) * 2, dtype=bool)) | (m[:, None, :] == 1)


@masks.mistake(
    "ones and zeros instead of booleans",
    "The values are right, the dtype is not: a mask of integers could be meant either way, so booleans are asked for.",
    "What does `.dtype` of your result say?",
    "Compare instead of multiplying, or end with `.astype(bool)`.",
)
def _(m):
    return _allowed(m).astype(int)


@masks.mistake(
    "ones and zeros instead of booleans",
    "The values are right, the dtype is not: these are floats, booleans are asked for.",
    "What does `.dtype` of your result say?",
    "Compare instead of multiplying, or end with `.astype(bool)`.",
)
def _(m):
    return _allowed(m).astype(float)


@masks.mistake(
    "an additive mask",
    "These are numbers to be added to scores (0 and a large negative one); booleans are asked for.",
    "What does `.dtype` of your result say?",
    "Return the booleans before `np.where`.",
)
def _(m):
    return np.where(_allowed(m), 0.0, -np.inf)


@masks.mistake(
    "padding taken to be on the right",
    "You count the tokens and allow that many keys from the left, so padding on the left is taken for tokens.",
    "In [0, 1, 1], which keys are tokens?",
    "Use `attention_mask` itself: `attention_mask[:, None, :] == 1`.",
)
def _(m):
    return _allowed((np.arange(m.shape[-1]) < m.sum(axis=1, keepdims=True)).astype(int))


# --- 4. heads ---------------------------------------------------------------------------------------

split_heads = Part(
    "split_heads",
    "Split into heads",
    points={"split": 2},
    answer=reference.split_heads,
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "What should `split_heads(states, 2)[..., 0, :, :]` be? Compare with `states[..., :d_head]`.",
        "Two steps: reshape the last axis into (heads, d_head), then move the axis of heads before the tokens.",
        "`states.reshape(*states.shape[:-1], heads, -1).swapaxes(-3, -2)`.",
    ),
)


def _numbers(*shape):
    return np.arange(np.prod(shape), dtype=float).reshape(shape)


@split_heads.cases
def _(rng):
    yield Case((_numbers(2, 4), 2), "split")
    yield Case((_numbers(3, 6), 2), "split")
    yield Case((rng.normal(size=(4, 4)), 4), "split")
    yield Case((rng.normal(size=(2, 3, 8)), 2), "split")
    yield Case((rng.normal(size=(2, 5, 6)), 1), "split")
    yield Case((rng.normal(size=(2, 3, 4, 6)), 3), "split")


@split_heads.mistake(
    "reshaped without a transpose",
    "The shape is right, but pieces of different tokens are mixed: the reshape cuts across tokens.",
    "Which numbers belong to head 0 of token 0? Are they in your result at [0, 0]?",
    "Reshape to (…, tokens, heads, d_head) first, then exchange tokens and heads.",
)
def _(x, heads):
    return x.reshape(*x.shape[:-2], heads, x.shape[-2], -1)


@split_heads.mistake(
    "heads left behind the tokens",
    "The pieces are right, but the axis of heads stands after the tokens.",
    "Attention runs over the last two axes. Which two must they be?",
    "`.swapaxes(-3, -2)` after the reshape.",
)
def _(x, heads):
    return x.reshape(*x.shape[:-1], heads, -1)


@split_heads.mistake(
    "interleaved heads",
    "Head 0 got every second number instead of the first block: the last axis was reshaped to (d_head, heads).",
    "Which columns of the states are head 0's?",
    "Reshape to (heads, d_head), in this order.",
)
def _(x, heads):
    return np.moveaxis(x.reshape(*x.shape[:-1], -1, heads), -1, -3)


@split_heads.mistake(
    "d_head and tokens exchanged",
    "The last two axes are exchanged: it should be (heads, tokens, d_head).",
    "What shape is asked for?",
    "Exchange the axes of tokens and heads, not those of tokens and d_head.",
)
def _(x, heads):
    return reference.split_heads(x, heads).swapaxes(-1, -2)


@split_heads.mistake(
    "a list of heads",
    "The pieces are stacked along the first axis: with a batch, the heads must come after the batch.",
    "Which axis is the batch?",
    "`np.stack(pieces, axis=-3)`.",
)
def _(x, heads):
    return np.stack(np.split(x, heads, axis=-1), axis=0)


@split_heads.mistake(
    "cut along the tokens",
    "The tokens are cut into groups; it is each token's vector that is to be cut.",
    "Does each head see all tokens?",
    "Cut the last axis.",
)
def _(x, heads):
    size = x.shape[-2] // heads
    return np.stack([x[..., h * size : (h + 1) * size, :] for h in range(heads)], axis=-3)


@split_heads.mistake(
    "d_head read as the number of heads",
    "The pieces have the length `heads`: the two numbers are exchanged.",
    "How many heads should there be?",
    "`reshape(…, heads, -1)`, not `reshape(…, -1, heads)`.",
)
def _(x, heads):
    return x.reshape(*x.shape[:-1], -1, heads).swapaxes(-3, -2)


@split_heads.mistake(
    "whole vectors in every head",
    "Every head got the whole vector instead of its own piece.",
    "What is d_model divided by the number of heads?",
    "Cut the last axis; do not repeat it.",
)
def _(x, heads):
    return np.repeat(x[..., None, :, :], heads, axis=-3)


@split_heads.mistake(
    "axes counted from the front",
    "Right for one number of axes, wrong for another: `swapaxes(0, 1)` or `(1, 2)` counts from the front.",
    "Which axis are the tokens in (tokens, d_model), and in (batch, tokens, d_model)?",
    "Count from the back: `.swapaxes(-3, -2)`.",
)
def _(x, heads):
    return x.reshape(*x.shape[:-1], heads, -1).swapaxes(0, 1)


@split_heads.mistake(
    "axes counted from the front",
    "Right for one number of axes, wrong for another: `swapaxes(0, 1)` or `(1, 2)` counts from the front.",
    "Which axis are the tokens in (tokens, d_model), and in (batch, tokens, d_model)?",
    "Count from the back: `.swapaxes(-3, -2)`.",
)
def _(x, heads):
    return x.reshape(*x.shape[:-1], heads, -1).swapaxes(1, 2)


merge_heads = Part(
    "merge_heads",
    "Merge the heads again",
    points={"merge": 2},
    answer=reference.merge_heads,
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "It must undo `split_heads`: is `merge_heads(split_heads(x, h))` equal to x?",
        "The steps of `split_heads` backwards: first bring the tokens before the heads, then join the last two axes.",
        "`heads = heads.swapaxes(-3, -2)`, then `heads.reshape(*heads.shape[:-2], -1)`.",
    ),
)


@merge_heads.cases
def _(rng):
    yield Case((_numbers(2, 2, 2),), "merge")
    yield Case((_numbers(2, 3, 2),), "merge")
    yield Case((rng.normal(size=(3, 4, 2)),), "merge")
    yield Case((rng.normal(size=(2, 3, 5, 2)),), "merge")
    yield Case((rng.normal(size=(2, 1, 3, 4)),), "merge")
    yield Case((rng.normal(size=(2, 2, 3, 4, 2)),), "merge")


@merge_heads.mistake(
    "reshaped without a transpose",
    "The shape is right, but tokens are mixed: heads and tokens must be exchanged before the reshape.",
    "Which numbers should stand in row 0?",
    "`swapaxes(-3, -2)` first, then `reshape`.",
)
def _(x):
    return x.reshape(*x.shape[:-3], x.shape[-2], -1)


@merge_heads.mistake(
    "interleaved heads",
    "The numbers of the heads alternate; each head's numbers should stay together.",
    "What is the order in the last axis before you join it: (heads, d_head) or (d_head, heads)?",
    "Move the heads to the axis -2, not to -1.",
)
def _(x):
    moved = np.moveaxis(x, -3, -1)
    return moved.reshape(*moved.shape[:-2], -1)


@merge_heads.mistake(
    "heads in reverse order",
    "The last head stands first.",
    "Which head's numbers should come first?",
    "Concatenate head 0 first.",
)
def _(x):
    return reference.merge_heads(x[..., ::-1, :, :])


@merge_heads.mistake(
    "heads added up",
    "The heads are summed; they should stand side by side.",
    "How long should each token's vector be again?",
    "Join the axes, do not sum over them.",
)
def _(x):
    return x.sum(axis=-3)


@merge_heads.mistake(
    "heads averaged",
    "The heads are averaged; they should stand side by side.",
    "How long should each token's vector be again?",
    "Join the axes, do not average over them.",
)
def _(x):
    return x.mean(axis=-3)


@merge_heads.mistake(
    "heads stacked under each other",
    "The heads stand under each other: more tokens instead of longer vectors.",
    "How many rows should the result have?",
    "Join along the last axis.",
)
def _(x):
    return x.reshape(*x.shape[:-3], -1, x.shape[-1])


@merge_heads.mistake(
    "not joined",
    "Tokens and heads are exchanged, but not joined: one axis too many.",
    "What shape is asked for?",
    "`.reshape(*x.shape[:-2], -1)` at the end.",
)
def _(x):
    return x.swapaxes(-3, -2)


@merge_heads.mistake(
    "everything in one row",
    "The batch was joined as well: only the last two axes should be.",
    "What shape has one token's vector?",
    "Keep all leading axes in the reshape.",
)
def _(x):
    moved = x.swapaxes(-3, -2)
    return moved.reshape(len(moved), -1)


@merge_heads.mistake(
    "axes counted from the front",
    "Right for one number of axes, wrong for another: `swapaxes(0, 1)` or `(1, 2)` counts from the front.",
    "Which axis are the heads in (heads, tokens, d_head), and in (batch, heads, tokens, d_head)?",
    "Count from the back: `.swapaxes(-3, -2)`.",
)
def _(x):
    x = x.swapaxes(0, 1)
    return x.reshape(*x.shape[:-2], -1)


@merge_heads.mistake(
    "axes counted from the front",
    "Right for one number of axes, wrong for another: `swapaxes(0, 1)` or `(1, 2)` counts from the front.",
    "Which axis are the heads in (heads, tokens, d_head), and in (batch, heads, tokens, d_head)?",
    "Count from the back: `.swapaxes(-3, -2)`.",
)
def _(x):
    x = x.swapaxes(1, 2)
    return x.reshape(*x.shape[:-2], -1)


# --- 5. stretch: positions --------------------------------------------------------------------------


def _positions(tokens, width):
    return reference.sinusoidal_positions(tokens, width)


sinusoidal = Part(
    "sinusoidal",
    "Sinusoidal positions",
    points={"values": 3},
    answer=_positions,
    imports=ALLOWED,
    banned=LIBRARY,
    stretch=True,
    hints=(
        "What stands in row 0? sin(0) and cos(0), in turn.",
        "Column pair i turns with the speed 1 / 10000 ** (2 i / width).",
        "`angles = np.arange(tokens)[:, None] / 10000 ** (np.arange(0, width, 2) / width)`; even columns sin, odd ones cos.",
    ),
)


@sinusoidal.cases
def _(rng):
    yield Case((1, 4), "values")
    yield Case((3, 4), "values")
    yield Case((4, 2), "values")
    yield Case((int(rng.integers(5, 9)), 8), "values")
    yield Case((int(rng.integers(10, 40)), int(rng.choice([6, 10, 16]))), "values")


def _angles(tokens, width, shift=0, power=2, base=10_000):
    return (np.arange(tokens) + shift)[:, None] / base ** (power * np.arange(width // 2) / width)


def _interleave(even, odd):
    return np.stack([even, odd], axis=-1).reshape(len(even), -1)


@sinusoidal.mistake(
    "counting from 1",
    "Row 0 is what row 1 should be: positions are counted from 1.",
    "What is the position of the first token here?",
    "`np.arange(tokens)`.",
)
def _(n, d):
    a = _angles(n, d, shift=1)
    return _interleave(np.sin(a), np.cos(a))


@sinusoidal.mistake(
    "sine and cosine in blocks",
    "All sines stand in the first half, all cosines in the second; here they alternate.",
    "What stands in the columns 0 and 1?",
    "`table[:, 0::2] = np.sin(angles); table[:, 1::2] = np.cos(angles)`.",
)
def _(n, d):
    a = _angles(n, d)
    return np.concatenate([np.sin(a), np.cos(a)], axis=-1)


@sinusoidal.mistake(
    "cosine before sine",
    "The even columns hold the cosines; they should hold the sines.",
    "What is sin(0), and where should it stand in row 0?",
    "Even columns sin, odd columns cos.",
)
def _(n, d):
    a = _angles(n, d)
    return _interleave(np.cos(a), np.sin(a))


@sinusoidal.mistake(
    "sines only", "Every column is a sine.", "What stands in the odd columns?", "Odd columns are cosines."
)
def _(n, d):
    a = _angles(n, d)
    return _interleave(np.sin(a), np.sin(a))


@sinusoidal.mistake(
    "the factor 2 forgotten",
    "The speeds fall too slowly: the exponent is i / width, it should be 2 i / width.",
    "What is the exponent for the pair i?",
    "`2 * i / width`, with i = 0, 1, … width/2 - 1.",
)
def _(n, d):
    a = _angles(n, d, power=1)
    return _interleave(np.sin(a), np.cos(a))


@sinusoidal.mistake(
    "column numbers instead of pairs",
    "Sine and cosine of a pair turn at different speeds: the column's number was used, not the pair's.",
    "Which columns share one speed?",
    "Columns 2 i and 2 i + 1 both use 2 i / width.",
)
def _(n, d):
    a = np.arange(n)[:, None] / 10_000 ** (np.arange(d) / d)
    return np.where(np.arange(d) % 2 == 0, np.sin(a), np.cos(a))


@sinusoidal.mistake(
    "column numbers doubled",
    "The exponent is twice as large as it should be: 2 × the column's number.",
    "In 2 i / width, is i the column or the pair?",
    "Use `np.arange(0, width, 2) / width`.",
)
def _(n, d):
    a = np.arange(n)[:, None] / 10_000 ** (2 * np.arange(d) / d)
    return np.where(np.arange(d) % 2 == 0, np.sin(a), np.cos(a))


@sinusoidal.mistake(
    "multiplied by the base",
    "The speeds grow with the column: it is multiplied where it should be divided.",
    "Do the last columns turn fast or slowly?",
    "Divide the position by 10000 ** (2 i / width).",
)
def _(n, d):
    a = np.arange(n)[:, None] * 10_000 ** (2 * np.arange(d // 2) / d)
    return _interleave(np.sin(a), np.cos(a))


@sinusoidal.mistake("another base", "The base is 1000; it should be 10000.", "How many zeros has the base?", "10000.")
def _(n, d):
    a = _angles(n, d, base=1_000)
    return _interleave(np.sin(a), np.cos(a))


@sinusoidal.mistake(
    "degrees",
    "The angles were converted from degrees into radians, or the other way round; they are in radians already.",
    "What does `np.sin` take?",
    "`np.sin(angles)`, without `np.radians` or `np.degrees`.",
)
def _(n, d):
    a = np.radians(_angles(n, d))
    return _interleave(np.sin(a), np.cos(a))


@sinusoidal.mistake(
    "degrees",
    "The angles were converted from degrees into radians, or the other way round; they are in radians already.",
    "What does `np.sin` take?",
    "`np.sin(angles)`, without `np.radians` or `np.degrees`.",
)
def _(n, d):
    a = np.degrees(_angles(n, d))
    return _interleave(np.sin(a), np.cos(a))


# --- 6. stretch: the gradient -----------------------------------------------------------------------


def _softmax_gradient(weights, upstream):
    return weights * (upstream - (weights * upstream).sum(axis=-1, keepdims=True))


softmax_gradient = Part(
    "softmax_gradient",
    "The gradient of the softmax",
    points={"values": 3},
    answer=_softmax_gradient,
    imports=ALLOWED,
    banned=LIBRARY,
    stretch=True,
    hints=(
        "What must the gradient of a row sum to? (Adding one number to all scores changes no share.)",
        "∂pᵢ/∂sⱼ = pᵢ (δᵢⱼ - pⱼ). Write out the sum over i.",
        "`weights * (upstream - (weights * upstream).sum(axis=-1, keepdims=True))`.",
    ),
)


@softmax_gradient.cases
def _(rng):
    yield Case((np.array([0.25, 0.75]), np.array([1.0, 0.0])), "values")
    yield Case((reference.softmax(rng.normal(size=3)), rng.normal(size=3)), "values")
    yield Case((reference.softmax(rng.normal(size=(2, 4))), rng.normal(size=(2, 4))), "values")
    yield Case((reference.softmax(rng.normal(size=(2, 3, 3))), rng.normal(size=(2, 3, 3))), "values")


@softmax_gradient.mistake(
    "only the diagonal",
    "Each share is treated as if it depended on its own score alone: the terms -pᵢ pⱼ are missing.",
    "If one score rises, what happens to the other shares?",
    "Subtract `(weights * upstream).sum(axis=-1, keepdims=True)` from upstream.",
)
def _(p, g):
    return g * p * (1 - p)


@softmax_gradient.mistake(
    "the sum over everything",
    "The sum runs over all rows; each row has its own.",
    "Do the rows of a softmax influence each other?",
    "`axis=-1, keepdims=True`.",
)
def _(p, g):
    return p * (g - (p * g).sum())


@softmax_gradient.mistake(
    "the shares missing in the sum",
    "The plain sum of `upstream` is subtracted; it must be weighted by the shares.",
    "What is the weighted mean of upstream?",
    "`(weights * upstream).sum(axis=-1, keepdims=True)`.",
)
def _(p, g):
    return p * (g - g.sum(axis=-1, keepdims=True))


@softmax_gradient.mistake(
    "the mean subtracted",
    "The plain mean of `upstream` is subtracted; it must be weighted by the shares.",
    "Which mean: each entry the same weight, or its share?",
    "`(weights * upstream).sum(axis=-1, keepdims=True)`.",
)
def _(p, g):
    return p * (g - g.mean(axis=-1, keepdims=True))


@softmax_gradient.mistake(
    "sign reversed",
    "All signs are reversed.",
    "If one score rises, does its own share rise or fall?",
    "upstream minus the sum, not the other way round.",
)
def _(p, g):
    return -_softmax_gradient(p, g)


@softmax_gradient.mistake(
    "weights times upstream",
    "Nothing is subtracted: `weights * upstream` is only the first term.",
    "What should a row of the gradient sum to?",
    "Subtract the weighted sum before multiplying.",
)
def _(p, g):
    return p * g


@softmax_gradient.mistake(
    "the factor of the shares forgotten",
    "The difference is right, the factor `weights` before it is missing.",
    "What should a row of the gradient sum to?",
    "Multiply the difference by `weights`.",
)
def _(p, g):
    return g - (p * g).sum(axis=-1, keepdims=True)


@softmax_gradient.mistake(
    "the loss of cross-entropy",
    "This is weights - upstream: right for a softmax with cross-entropy behind it, not for any upstream.",
    "What is upstream here: a label, or a gradient?",
    "Use the Jacobian: pᵢ (δᵢⱼ - pⱼ).",
)
def _(p, g):
    return p - g


@softmax_gradient.mistake(
    "the softmax applied again",
    "The softmax was applied to the weights again; they are shares already.",
    "What is handed to you: scores, or shares?",
    "Use `weights` as they are.",
)
def _(p, g):
    return _softmax_gradient(reference.softmax(p), g)


@softmax_gradient.mistake(
    "axis=1",
    "Right for two axes, not for one or three: axis 1 is the last axis only in an array with two axes.",
    "Which is the last axis of an array of shape (3,)? And of (2, 3, 3)?",
    "`axis=-1` is the last one, however many there are.",
)
def _(p, g):
    return p * (g - (p * g).sum(axis=1, keepdims=True))


# --- 7. written: its numbers ------------------------------------------------------------------------

TEXTS = (
    "The old woman opened the door, and the cat ran out into the garden.",
    "When the children came home, their mother was waiting for them at the gate.",
    "He put the letter into his pocket and walked slowly down the road.",
    "The princess looked at the dragon, but the dragon did not look at her.",
    "It was so dark that they could not see the trees on the other side of the river.",
    "She said that she would never go back to the house by the sea.",
)

written_numbers = Part(
    "written_numbers", "The numbers of your written answer", points={"measured": 1}, answer=dict, is_value=True
)


@written_numbers.cases
def _(rng):
    yield Case((), "measured")


@written_numbers.judge
def _(inputs, given):
    if not isinstance(given, dict):
        return "fill in the dict: layer, head, control, loss, loss_without_head, loss_without_control"
    places = ("layer", "head", "control")
    losses = ("loss", "loss_without_head", "loss_without_control")
    if missing := [k for k in (*places, *losses) if given.get(k) is None]:
        return f"still to fill in: {', '.join(missing)}"
    if any(type(given[k]) is not int for k in places):
        return "layer, head and control are whole numbers, counted from 0"
    if any(type(given[k]) not in (int, float) for k in losses):
        return "the losses are plain numbers; use float(…)"
    if given["head"] == given["control"]:
        return "the control must be another head of the same layer"
    try:
        real = _losses(given["layer"], given["head"], given["control"])
    except ValueError as error:
        return str(error)
    for name, value in zip(losses, real):
        if not abs(given[name] - value) <= 2e-3:
            return f"{name} is {given[name]:.4f}; measured again it is {value:.4f}"
    return None


def _losses(layer, head, control):
    """Loss whole, without the head, without the control."""
    return _loss(None, None), _loss(layer, head), _loss(layer, control)


@functools.cache
def _model():
    import contextlib
    import io

    from transformers import AutoModelForMaskedLM

    from helpers import checkpoints

    with contextlib.redirect_stdout(io.StringIO()):
        return checkpoints.load(str(checkpoints.ASSETS / "storybook-bert"), AutoModelForMaskedLM)


@functools.cache
def _loss(layer, head):
    import contextlib

    from helpers.interventions import head_off, masked_loss

    found = _model()
    with head_off(found.model, layer, head) if layer is not None else contextlib.nullcontext():
        return masked_loss(found.model, found.tokenizer, TEXTS)


LAB = Lab(
    "lab02_attention",
    "Attention",
    [softmax, attention, masks, split_heads, merge_heads, sinusoidal, softmax_gradient, written_numbers],
    _model,
)
