"""Everything around attention: positions, layer norm, GELU, feed-forward, the two kinds of block.

With `attention.py` these are all the parts of BERT, of GPT-2 and of the encoder-decoder of Vaswani et al. 2017;
`transformer.py` puts them together. AttentionWeights live in small tuples that are called like functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from helpers.reference.attention import KeyValueCache, Projection, multi_head_attention

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from helpers.reference.attention import AttentionWeights, Mask, States

    Features = Float[np.ndarray, "*axes"]


# Tokens and positions (the sinusoidal ones are in attention.py) ---------------------------------------


def embedding(table: Float[np.ndarray, "ids d_model"], ids: Int[np.ndarray, "... tokens"]) -> States:
    """The row of `table` for every id: for words, for token types, for learned positions.

    Raises ValueError for an id without a row (NumPy alone would take -1 for the last one).
    """
    ids = np.asarray(ids)
    if ids.size and (ids.min() < 0 or ids.max() >= len(table)):
        raise ValueError(f"expected ids from 0 to {len(table) - 1}, got {ids.min()} to {ids.max()}")
    return table[ids]  # (..., tokens) → (..., tokens, d_model)


def learned_positions(
    table: Float[np.ndarray, "positions d_model"], tokens: int, past: int = 0
) -> Float[np.ndarray, "tokens d_model"]:
    """The trained vectors of the positions past … past + tokens - 1; the first token of a text is at position 0.

    BERT (Devlin et al. 2019, section 3) and GPT-2 (Radford et al. 2019) add them to the words' vectors. Raises
    ValueError if the text is longer than the table: no vector was trained for such a position.
    """
    if past + tokens > len(table):
        raise ValueError(f"expected at most {len(table)} tokens (the trained positions), got {past + tokens}")
    return embedding(table, np.arange(past, past + tokens))


def rotary(states: States, past: int = 0, base: float = 10_000.0) -> States:
    """Turn pairs of features of a query or key by an angle that grows with its position (Su et al. 2021, RoFormer).

    Then a dot product of a query and a key depends on their distance alone. Pair i turns by base^(-2i / d_head)
    radians per position, from position `past` on. Pairs are the features i and i + d_head / 2, the first half with
    the second, as in Llama in transformers; the paper (section 3.2.2) pairs the neighbors 2i and 2i + 1. The two are
    one up to the order of features, and a checkpoint needs the one it was trained with. Raises ValueError for an odd
    width.
    """
    *_, tokens, width = states.shape
    if width % 2:
        raise ValueError(f"expected an even width (features turn in pairs), got {width}")
    angle = np.arange(past, past + tokens)[:, None] * base ** (-np.arange(0, width, 2) / width)  # (tokens, width / 2)
    cosine, sine = np.cos(angle).astype(states.dtype), np.sin(angle).astype(states.dtype)
    first, second = np.split(states, 2, axis=-1)  # (..., tokens, width / 2) each
    return np.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-1)


# What happens to each token alone ------------------------------------------------------------------


class Norm(NamedTuple):
    """Layer norm (Ba et al. 2016, eq. 3 with a gain and a bias), called like a function.

    Each token's features get mean 0 and variance 1, then a trained gain and bias. The variance is that of the
    population (divided by d_model), and `epsilon` is added to it inside the root.
    """

    weight: Float[np.ndarray, " d_model"] | float = 1.0
    bias: Float[np.ndarray, " d_model"] | float = 0.0
    epsilon: float = 1e-5

    def __call__(self, states: States) -> States:
        centered = states - states.mean(axis=-1, keepdims=True)
        variance = (centered**2).mean(axis=-1, keepdims=True)  # (..., 1): one for each token
        return centered / np.sqrt(variance + self.epsilon) * self.weight + self.bias


_erf = np.vectorize(math.erf, otypes=[np.float64])  # NumPy has none; exact to the last digit or two, but one by one


def gelu(x: Features) -> Features:
    """x times the share of a normal distribution below x (Hendrycks & Gimpel 2016, section 2): BERT's activation."""
    return x * (0.5 * (1 + _erf(x / math.sqrt(2)))).astype(x.dtype)


def gelu_tanh(x: Features) -> Features:
    """GELU by the tanh formula of Hendrycks & Gimpel 2016, section 2: GPT-2's activation, off by at most 0.0005."""
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def relu(x: Features) -> Features:
    """The activation of Vaswani et al. 2017, eq. 2."""
    return np.maximum(x, 0)


class FeedForward(NamedTuple):
    """Two projections with an activation between them, for each token alone (Vaswani et al. 2017, eq. 2)."""

    up: Projection
    down: Projection
    activation: Callable[[np.ndarray], np.ndarray]

    def __call__(self, states: States) -> States:
        wide = self.activation(self.up(states))  # (..., tokens, d_ff)
        return self.down(wide)  # (..., tokens, d_model)


def tied_logits(states: States, table: Float[np.ndarray, "ids d_model"]) -> Float[np.ndarray, "... tokens ids"]:
    """One score per word: the dot product with the word's own embedding (Press & Wolf 2017).

    So the matrix that reads words also writes them: weight tying.
    """
    return states @ table.T  # (..., tokens, ids)


# Attention with its weights ------------------------------------------------------------------------------


class Attention(NamedTuple):
    """The weights of `multi_head_attention`, called like a function. Returns its output and every head's weights."""

    to_query: Projection
    to_key: Projection
    to_value: Projection
    to_output: Projection
    heads: int

    def __call__(
        self,
        states: States,
        mask: Mask | None = None,
        memory: States | None = None,
        cache: KeyValueCache | None = None,
    ) -> tuple[States, AttentionWeights]:
        return multi_head_attention(
            states,
            to_query=self.to_query,
            to_key=self.to_key,
            to_value=self.to_value,
            to_output=self.to_output,
            heads=self.heads,
            mask=mask,
            memory=memory,
            cache=cache,
        )


# Blocks ----------------------------------------------------------------------------------------------


class Block(NamedTuple):
    """The weights of one block. The encoder of Vaswani et al. 2017, BERT and GPT-2 have no cross-attention."""

    attention: Attention
    attention_norm: Norm
    feed_forward: FeedForward
    feed_forward_norm: Norm
    cross_attention: Attention | None = None
    cross_attention_norm: Norm | None = None


class Steps(NamedTuple):
    """What a block computed, step by step: (..., tokens, d_model), the weights (..., heads, queries, keys)."""

    output: States
    weights: AttentionWeights  # of the self-attention
    attended: States  # the self-attention's output: what it adds
    middle: States  # between attention and feed-forward
    transformed: States  # the feed-forward's output: what it adds
    crossed: States | None = None  # the cross-attention's output
    cross_weights: AttentionWeights | None = None


def post_norm_block(
    states: States,
    block: Block,
    mask: Mask | None = None,
    memory: States | None = None,
    memory_mask: Mask | None = None,
) -> Steps:
    """A block that normalizes sums: norm(x + f(x)) for each sublayer f (Vaswani et al. 2017, section 3.1).

    Without `memory` it is the encoder's, and BERT's; with a causal `mask` and the encoder's output as `memory`, the
    decoder's.
    """
    crossed = cross_weights = None
    attended, weights = block.attention(states, mask)
    middle = block.attention_norm(states + attended)
    if memory is not None:
        crossed, cross_weights = block.cross_attention(middle, memory_mask, memory)
        middle = block.cross_attention_norm(middle + crossed)
    transformed = block.feed_forward(middle)
    output = block.feed_forward_norm(middle + transformed)
    return Steps(output, weights, attended, middle, transformed, crossed, cross_weights)


def pre_norm_block(
    states: States,
    block: Block,
    mask: Mask | None = None,
    memory: States | None = None,
    memory_mask: Mask | None = None,
    cache: KeyValueCache | None = None,
) -> Steps:
    """A block that normalizes inputs: x + f(norm(x)) for each sublayer f (Radford et al. 2019, section 2.3).

    Nothing but sums happens to x itself, the residual stream. With a causal `mask` it is GPT-2's; `cache` holds the
    keys and values of its earlier tokens.
    """
    crossed = cross_weights = None
    attended, weights = block.attention(block.attention_norm(states), mask, cache=cache)
    middle = states + attended
    if memory is not None:
        crossed, cross_weights = block.cross_attention(block.cross_attention_norm(middle), memory_mask, memory)
        middle = middle + crossed
    transformed = block.feed_forward(block.feed_forward_norm(middle))
    return Steps(middle + transformed, weights, attended, middle, transformed, crossed, cross_weights)
