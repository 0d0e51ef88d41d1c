"""Attention, from the softmax to many heads, in NumPy; after that its backward pass and two ways to make it cheaper.

The idea to blend what was read, by weights from a softmax, is that of Bahdanau et al. 2015, "Neural Machine
Translation by Jointly Learning to Align and Translate" (ICLR). The names and equations follow Vaswani et al. 2017,
"Attention Is All You Need" (NeurIPS). Every function takes any number of leading axes (batch, heads) and computes in
the dtype that it is given. Comments at the end of a line say what shape it makes, without those leading axes.

A boolean mask is True where a query may look, as in `torch.nn.functional.scaled_dot_product_attention`; the
masks of `torch.nn.MultiheadAttention` say the opposite (True: may not look).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

    Scores = Float[np.ndarray, "*axes"]
    Queries = Float[np.ndarray, "... queries d_k"]
    Keys = Float[np.ndarray, "... keys d_k"]
    Values = Float[np.ndarray, "... keys d_v"]
    Context = Float[np.ndarray, "... queries d_v"]  # values, blended by weights
    AttentionWeights = Float[np.ndarray, "... queries keys"]
    Mask = Bool[np.ndarray, "... queries keys"] | Float[np.ndarray, "... queries keys"]
    States = Float[np.ndarray, "... tokens d_model"]
    Heads = Float[np.ndarray, "... heads tokens d_head"]


def softmax(scores: Scores, where: Bool[np.ndarray, "*axes"] | None = None, axis: int = -1) -> Scores:
    """Turn scores into shares: each at least 0, together 1 along `axis` (Vaswani et al. 2017, eq. 1).

    Entries where `where` is False, or whose score is -inf, get exactly 0. If that is all of them, all shares
    are 0 (the formula would divide 0 by 0). The highest score is subtracted first: the shares stay the same
    and `exp` cannot overflow. `where` must broadcast with `scores`.
    """
    scores = np.asarray(scores)
    if not np.issubdtype(scores.dtype, np.floating):
        scores = scores.astype(np.float64)
    if where is not None:
        scores = np.where(where, scores, -np.inf)
    highest = scores.max(axis=axis, keepdims=True, initial=-np.inf)
    shares = scores - np.where(np.isneginf(highest), 0, highest)
    np.exp(shares, out=shares)  # in place: a second array of this size would cost as much time as the exp
    total = shares.sum(axis=axis, keepdims=True)
    shares /= np.where(total == 0, 1, total)
    return shares


def masked_scores(query: Queries, key: Keys, mask: Mask | None = None) -> AttentionWeights:
    """How well each query matches each key (Vaswani et al. 2017, section 3.2.1); `mask` as in `attention`."""
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.dtype.type(query.shape[-1]))  # (queries, keys)
    if mask is None:
        return scores
    if mask.dtype == bool:
        return np.where(mask, scores, -np.inf)
    if np.issubdtype(mask.dtype, np.floating):
        return scores + mask.astype(scores.dtype)
    raise TypeError(
        f"expected a mask of booleans (True: may look) or floats (added to scores), got {mask.dtype}: "
        "for a tokenizer's attention_mask of ones and zeros use padding_mask(attention_mask)"
    )


def attention(query: Queries, key: Keys, value: Values, mask: Mask | None = None) -> tuple[Context, AttentionWeights]:
    """Scaled dot-product attention (Vaswani et al. 2017, eq. 1), and its weights.

    A boolean `mask` is True where a query may look. A mask of floats is added to the scores instead: 0
    changes nothing, -inf forbids. Either must broadcast to (..., queries, keys). A query that may look
    nowhere gets zeros, not NaN. Raises TypeError for a mask of integers, which could be meant either way.
    """
    weights = softmax(masked_scores(query, key, mask))  # (queries, keys): each query's weights sum to 1
    return weights @ value, weights  # (queries, d_v), (queries, keys)


def causal_mask(queries: int, keys: int | None = None) -> Bool[np.ndarray, "queries keys"]:
    """True where a token may look if it must not see later ones (Vaswani et al. 2017, section 3.2.3).

    Without `keys` there are as many keys as queries, and query i sees the keys 0 … i. With more keys than
    queries, the queries are the last tokens of the sequence: the last one sees every key. Raises ValueError
    for fewer keys.
    """
    keys = queries if keys is None else keys
    if keys < queries:
        raise ValueError(f"expected at least as many keys as queries, got {keys} keys for {queries} queries")
    return np.tril(np.ones((queries, keys), dtype=bool), k=keys - queries)


def padding_mask(attention_mask: Int[np.ndarray, "... keys"]) -> Bool[np.ndarray, "... 1 1 keys"]:
    """A tokenizer's attention_mask (1: a token, 0: padding) as a mask for attention with heads.

    The two axes of length 1 stand for the heads and the queries: the same keys are hidden from all of them.
    So `causal_mask(tokens) & padding_mask(attention_mask)` is the mask of a padded batch in a decoder. Raises
    ValueError if anything but 0 and 1 occurs.
    """
    attention_mask = np.asarray(attention_mask)
    if not np.isin(attention_mask, (0, 1)).all():
        raise ValueError(f"expected only ones and zeros, got {np.unique(attention_mask)[:5]}")
    return attention_mask.astype(bool)[..., None, None, :]  # (keys) → (1, 1, keys)


def split_heads(states: States, heads: int) -> Heads:
    """Cut each token's vector into `heads` pieces, and bring the heads in front of the tokens.

    Head h gets the features h * d_head … (h + 1) * d_head - 1 of every token (Vaswani et al. 2017, section
    3.2.2: d_head = d_model / heads). Raises ValueError if d_model cannot be cut into equal pieces.
    """
    *batch, tokens, d_model = states.shape
    if heads < 1 or d_model % heads:
        raise ValueError(f"expected a number of heads that divides the width {d_model}, got {heads}")
    # subtle: cut first, then swap; a reshape to (heads, tokens, d_head) at once would mix the tokens
    return states.reshape(*batch, tokens, heads, d_model // heads).swapaxes(-2, -3)  # (heads, tokens, d_head)


def merge_heads(states: Heads) -> States:
    """Lay the heads of each token side by side: the inverse of `split_heads`."""
    *batch, heads, tokens, d_head = states.shape
    return states.swapaxes(-2, -3).reshape(*batch, tokens, heads * d_head)  # (tokens, d_model)


class Projection(NamedTuple):
    """A linear map, called like a function: `states @ weight + bias`.

    `weight` has the axes (d_in, d_out), as in the paper and in GPT-2's Conv1D. `torch.nn.Linear` stores the
    transpose: give `linear.weight.T`.
    """

    weight: Float[np.ndarray, "d_in d_out"]
    bias: Float[np.ndarray, " d_out"] | float = 0.0

    def __call__(self, states: Float[np.ndarray, "... d_in"]) -> Float[np.ndarray, "... d_out"]:
        return states @ self.weight + self.bias


class KeyValueCache:
    """One layer's keys and values so far: a new token adds its own and recomputes none (Shazeer 2019, section 2.4).

    `len(cache)` is the number of tokens in it.
    """

    def __init__(self) -> None:
        self.key: np.ndarray | None = None
        self.value: np.ndarray | None = None

    def __len__(self) -> int:
        return 0 if self.key is None else self.key.shape[-2]

    def append(self, key: Heads, value: Heads) -> tuple[Heads, Heads]:
        """Put those of the new tokens behind the others, and return all."""
        if self.key is not None:
            key, value = np.concatenate([self.key, key], axis=-2), np.concatenate([self.value, value], axis=-2)
        self.key, self.value = key, value
        return key, value


def multi_head_attention(
    states: States,
    to_query: Projection,
    to_key: Projection,
    to_value: Projection,
    to_output: Projection | None,
    heads: int,
    mask: Mask | None = None,
    memory: States | None = None,
    cache: KeyValueCache | None = None,
) -> tuple[States, AttentionWeights]:
    """Attention with several heads (Vaswani et al. 2017, section 3.2.2), and the weights of every head.

    The paper's W_i^Q of all heads stand side by side in one `to_query`; so do those of keys and values.
    Without `to_output` (the paper's W^O) the heads' results come back side by side. `mask` as in `attention`;
    it must broadcast to (..., heads, queries, keys). Keys and values come from `memory` if it is given
    (cross-attention), else from `states` (self-attention). With a `cache` they join those of earlier calls, and the
    queries look at all of them.
    """
    source = states if memory is None else memory
    query = split_heads(to_query(states), heads)  # (heads, queries, d_head)
    key = split_heads(to_key(source), heads)  # (heads, keys, d_head)
    value = split_heads(to_value(source), heads)  # (heads, keys, d_head)
    if cache is not None:
        key, value = cache.append(key, value)  # (heads, past + keys, d_head)
    context, weights = attention(query, key, value, mask)  # (heads, queries, d_head), (heads, queries, keys)
    merged = merge_heads(context)  # (queries, heads * d_head)
    return merged if to_output is None else to_output(merged), weights  # (queries, d_out), (heads, queries, keys)


def sinusoidal_positions(positions: int, d_model: int) -> Float[np.ndarray, "positions d_model"]:
    """The position vectors of Vaswani et al. 2017, section 3.5: sines in the even columns, cosines in the odd.

    Columns 2i and 2i + 1 turn at the rate 1 / 10000^(2i / d_model) radians per position. Raises ValueError
    for an odd width.
    """
    if d_model % 2:
        raise ValueError(f"expected an even width (sines and cosines come in pairs), got {d_model}")
    rate = 10_000.0 ** (-np.arange(0, d_model, 2) / d_model)
    angle = np.arange(positions)[:, None] * rate  # (positions, d_model / 2)
    pairs = np.stack([np.sin(angle), np.cos(angle)], axis=-1)  # (positions, d_model / 2, 2)
    return pairs.reshape(positions, d_model)  # sine, cosine, sine, cosine, …


# For further/attention_numerics ------------------------------------------------------------------


def grouped_query_attention(
    query: Queries, key: Keys, value: Values, mask: Mask | None = None
) -> tuple[Context, AttentionWeights]:
    """Attention in which neighboring query heads share one head of keys and values (Ainslie et al. 2023, "GQA", EMNLP).

    `query` is (..., query heads, queries, d_k); `key` and `value` have fewer heads. So the cache shrinks by query_heads
    / key_heads. As many key heads as query heads is multi-head attention, a single one multi-query attention (Shazeer
    2019, section 3). Raises ValueError if the query heads do not split evenly.
    """
    query_heads, key_heads = query.shape[-3], key.shape[-3]
    if query_heads % key_heads:
        raise ValueError(f"expected a multiple of {key_heads} query heads (the key heads), got {query_heads}")
    key, value = (np.repeat(x, query_heads // key_heads, axis=-3) for x in (key, value))  # (query heads, keys, d)
    return attention(query, key, value, mask)


def softmax_backward(shares: Scores, grad: Scores, axis: int = -1) -> Scores:
    """The gradient for the scores, from the softmax's `shares` p and the gradient g for them: p (g - sum of p g).

    This is g times the Jacobian dp_i/ds_j = p_i (delta_ij - p_j), which is never built.
    """
    return shares * (grad - (grad * shares).sum(axis=axis, keepdims=True))


def attention_backward(
    query: Queries, key: Keys, value: Values, weights: AttentionWeights, grad: Context
) -> tuple[Queries, Keys, Values]:
    """The gradients for query, key and value: the chain rule through eq. 1 of Vaswani et al. 2017, from its end.

    `weights` are those that `attention` returned (they hold all that matters of the mask), `grad` is the gradient for
    its output. The leading axes of query, key and value must be the same. Dao et al. 2022, appendix B, has the same
    equations.
    """
    grad_weights = grad @ value.swapaxes(-1, -2)  # (queries, keys)
    grad_scores = softmax_backward(weights, grad_weights) / np.sqrt(query.dtype.type(query.shape[-1]))
    grad_query = grad_scores @ key  # (queries, d_k)
    grad_key = grad_scores.swapaxes(-1, -2) @ query  # (keys, d_k)
    grad_value = weights.swapaxes(-1, -2) @ grad  # (keys, d_v)
    return grad_query, grad_key, grad_value


def online_attention(query: Queries, key: Keys, value: Values, mask: Mask | None = None, block: int = 128) -> Context:
    """The output of `attention`, with never more than `block` scores per query in memory.

    It meets the keys a block at a time. Of all keys so far it keeps the highest score and, relative to that, the sum
    of exponentials (Milakov & Gimelshein 2018, "Online normalizer calculation for softmax", algorithm 3) and the sum
    of values (Dao et al. 2022, "FlashAttention", NeurIPS). A new highest score shrinks both sums.
    """
    keys = key.shape[-2]
    mask = mask if mask is None else np.broadcast_to(mask, (*mask.shape[:-1], keys))  # a view, not a copy
    highest, total, output = -np.inf, 0.0, 0.0
    for start in range(0, keys, block):
        part = slice(start, start + block)
        scores = masked_scores(query, key[..., part, :], None if mask is None else mask[..., part])  # (queries, block)
        previous, highest = highest, np.maximum(highest, scores.max(axis=-1, keepdims=True))  # (queries, 1)
        base = np.where(np.isneginf(highest), 0, highest)  # nothing seen yet: all exponentials are 0
        shares, shrink = np.exp(scores - base), np.exp(previous - base)
        total = total * shrink + shares.sum(axis=-1, keepdims=True)
        output = output * shrink + shares @ value[..., part, :]  # (queries, d_v)
    return output / np.where(total == 0, 1, total)
