"""The reference layers against PyTorch's, with the same weights, at random sizes."""

import math

import numpy as np
import pytest
from agreement import agree, examples, linear, multi_head, norm, randomized
from hypothesis import given
from hypothesis import strategies as st

from helpers.reference.attention import Projection, attention, causal_mask, padding_mask
from helpers.reference.layers import (
    Attention,
    Block,
    FeedForward,
    KeyValueCache,
    Norm,
    embedding,
    gelu,
    gelu_tanh,
    learned_positions,
    post_norm_block,
    pre_norm_block,
    relu,
    rotary,
    tied_logits,
)

torch = pytest.importorskip("torch")

quick, few = examples(40), examples(10)
sizes = st.integers(1, 9)
seeds = st.integers(0, 2**32 - 1)
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])
DOUBLE = {"rtol": 0, "atol": 1e-12}


def normal(seed: int, *shape: int, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


# tokens and positions --------------------------------------------------------------------------------


def test_an_embedding_is_a_row_and_other_ids_are_refused():
    table = normal(0, 5, 3)
    np.testing.assert_array_equal(embedding(table, [[4, 0]]), [[table[4], table[0]]])
    for wrong in (-1, 5):
        with pytest.raises(ValueError, match="expected ids from 0 to 4"):
            embedding(table, [0, wrong])


def test_learned_positions_begin_at_0_or_after_the_past():
    table = normal(1, 5, 3)
    np.testing.assert_array_equal(learned_positions(table, 2), table[:2])
    np.testing.assert_array_equal(learned_positions(table, 2, past=3), table[3:])
    with pytest.raises(ValueError, match=r"at most 5 tokens .* got 6"):
        learned_positions(table, 3, past=3)


@quick
@given(sizes, st.integers(1, 5), st.integers(0, 1000), seeds)
def test_rotary_turns_pairs_as_the_complex_formula_says(tokens, half, past, seed):
    # Su et al. 2021, section 3.2: a pair as a complex number, times e^(i m theta). Here the pair is (i, i + half).
    states = normal(seed, 2, tokens, 2 * half)
    position = np.arange(past, past + tokens)[:, None]
    theta = 10_000.0 ** (-2 * np.arange(half) / (2 * half))
    turned = (states[..., :half] + 1j * states[..., half:]) * np.exp(1j * position * theta)
    np.testing.assert_allclose(rotary(states, past), np.concatenate([turned.real, turned.imag], axis=-1), **DOUBLE)


def test_rotary_equals_the_paper_up_to_the_order_of_features():
    states = normal(2, 6, 8)
    halves_from_neighbors = [0, 2, 4, 6, 1, 3, 5, 7]
    angle = np.arange(6)[:, None] * 10_000.0 ** (-2 * np.arange(4) / 8)
    paper = np.empty_like(states)  # section 3.2.2: a 2 x 2 rotation for each pair of neighbors
    paper[:, 0::2] = states[:, 0::2] * np.cos(angle) - states[:, 1::2] * np.sin(angle)
    paper[:, 1::2] = states[:, 0::2] * np.sin(angle) + states[:, 1::2] * np.cos(angle)
    np.testing.assert_allclose(rotary(states[:, halves_from_neighbors]), paper[:, halves_from_neighbors], **DOUBLE)


@quick
@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), seeds)
def test_rotary_dot_products_depend_on_the_distance_alone(first, second, shift, seed):
    query, key = normal(seed, 2, 1, 8)
    here = rotary(query, first) @ rotary(key, second).T
    there = rotary(query, first + shift) @ rotary(key, second + shift).T
    np.testing.assert_allclose(there, here, **DOUBLE)


def test_rotary_refuses_an_odd_width():
    with pytest.raises(ValueError, match="even width"):
        rotary(np.ones((2, 3)))


# each token alone ------------------------------------------------------------------------------------


@each_dtype
@quick
@given(sizes, st.integers(2, 12), st.sampled_from([1e-12, 1e-5, 0.1]), st.sampled_from([1.0, 1e-3]), seeds)
def test_layer_norm_equals_torch(dtype, tokens, width, epsilon, scale, seed):
    states = normal(seed, 2, tokens, width, dtype=dtype)
    states[..., 0] += 5  # nearly equal features would have too few digits left in float32
    states *= dtype(scale)  # small ones make epsilon matter
    weight, bias = normal(seed + 1, 2, width, dtype=dtype)
    tensors = map(torch.from_numpy, (weight, bias))
    expected = torch.nn.functional.layer_norm(torch.from_numpy(states), (width,), *tensors, epsilon)
    agree("layer norm | torch", Norm(weight, bias, epsilon)(states), expected)


def test_layer_norm_by_hand():
    # Mean 2, variance 4 (of the population), and epsilon 5 inside the root: sqrt(4 + 5) = 3.
    np.testing.assert_allclose(Norm(3.0, 1.0, 5.0)(np.array([[0.0, 4.0]])), [[-1.0, 3.0]], **DOUBLE)


def test_a_layer_norm_without_weights_is_a_fresh_one_of_torch():
    """Before training the gain changes nothing and the bias adds nothing; epsilon is what torch takes by default."""
    states = normal(3, 4, 6) * 1e-3  # small, so that epsilon matters
    expected = torch.nn.LayerNorm(6, dtype=torch.float64)(torch.from_numpy(states)).detach()
    agree("layer norm by default | torch.nn.LayerNorm", Norm()(states), expected)
    assert np.abs(expected.numpy()).max() > 0.01  # not a comparison of zeros


@each_dtype
@quick
@given(seeds, st.sampled_from([1.0, 5.0, 40.0]))
def test_gelus_equal_torch(dtype, seed, scale):
    x = normal(seed, 3, 17, dtype=dtype) * dtype(scale)
    agree("gelu (erf) | torch", gelu(x), torch.nn.functional.gelu(torch.from_numpy(x)))
    agree("gelu_tanh | torch", gelu_tanh(x), torch.nn.functional.gelu(torch.from_numpy(x), approximate="tanh"))


def test_gelu_by_the_normal_distribution_and_how_far_tanh_is_from_it():
    x = np.linspace(-8, 8, 4001)
    below = [0.5 * math.erfc(-point / math.sqrt(2)) for point in x]
    np.testing.assert_allclose(gelu(x), x * below, **DOUBLE)
    assert 4e-4 < np.abs(gelu_tanh(x) - gelu(x)).max() < 5e-4


@each_dtype
def test_tied_logits_equal_a_linear_layer_with_the_embedding(dtype):
    states, table = normal(5, 2, 4, 6, dtype=dtype), normal(6, 11, 6, dtype=dtype)
    expected = torch.nn.functional.linear(torch.from_numpy(states), torch.from_numpy(table))
    agree("tied_logits | torch.nn.functional.linear", tied_logits(states, table), expected)


# blocks ----------------------------------------------------------------------------------------------


def our_block(layer, activation) -> Block:
    across = hasattr(layer, "multihead_attn")
    return Block(
        multi_head(layer.self_attn),
        norm(layer.norm1),
        FeedForward(linear(layer.linear1), linear(layer.linear2), activation),
        norm(layer.norm3 if across else layer.norm2),
        *((multi_head(layer.multihead_attn), norm(layer.norm2)) if across else ()),
    )


@each_dtype
@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("name, activation", [("relu", relu), ("gelu", gelu)])
@few
@given(sizes, st.integers(1, 3), st.integers(3, 5), st.booleans(), seeds)
def test_blocks_equal_torch_encoder_layer(dtype, norm_first, name, activation, tokens, heads, d_head, padded, seed):
    width = heads * d_head
    theirs = torch.nn.TransformerEncoderLayer(width, heads, 7, activation=name, batch_first=True, norm_first=norm_first)
    theirs = randomized(theirs, seed, dtype)
    states = normal(seed, 2, tokens, width, dtype=dtype)
    real = np.random.default_rng(seed).random((2, tokens)) < (0.7 if padded else 2)
    real[:, 0] = True
    with torch.no_grad():
        # A float mask for padding keeps torch off its nested tensors, which leave out what is padded.
        hidden = torch.from_numpy(np.where(real, 0, -np.inf).astype(dtype))
        expected = theirs(torch.from_numpy(states), src_key_padding_mask=hidden)
    block = pre_norm_block if norm_first else post_norm_block
    ours = block(states, our_block(theirs, activation), padding_mask(real))
    what = f"block, norm {'first' if norm_first else 'last'}, {name}"
    agree(f"{what} | nn.TransformerEncoderLayer", ours.output, expected)


@each_dtype
@pytest.mark.parametrize("norm_first", [False, True])
@few
@given(sizes, sizes, st.integers(1, 3), st.integers(3, 5), seeds)
def test_blocks_equal_torch_decoder_layer(dtype, norm_first, tokens, others, heads, d_head, seed):
    width = heads * d_head
    theirs = torch.nn.TransformerDecoderLayer(width, heads, 7, batch_first=True, norm_first=norm_first)
    theirs = randomized(theirs, seed, dtype)
    states, memory = normal(seed, 2, tokens, width, dtype=dtype), normal(seed + 1, 2, others, width, dtype=dtype)
    real = np.random.default_rng(seed).random((2, others)) < 0.7
    real[:, 0] = True
    with torch.no_grad():
        expected = theirs(
            torch.from_numpy(states),
            torch.from_numpy(memory),
            tgt_mask=torch.from_numpy(~causal_mask(tokens)),
            memory_key_padding_mask=torch.from_numpy(~real),
        )
    block = pre_norm_block if norm_first else post_norm_block
    ours = block(states, our_block(theirs, relu), causal_mask(tokens), memory, padding_mask(real))
    what = f"block with cross-attention, norm {'first' if norm_first else 'last'}"
    agree(f"{what} | nn.TransformerDecoderLayer", ours.output, expected)
    assert ours.cross_weights.shape == (2, heads, tokens, others)
    assert (ours.cross_weights[~np.broadcast_to(padding_mask(real), ours.cross_weights.shape)] == 0).all()


@quick
@given(sizes, seeds)
def test_the_steps_of_a_block_add_up(tokens, seed):
    layer = randomized(torch.nn.TransformerDecoderLayer(6, 2, 7, batch_first=True), seed, np.float64)
    block, states, memory = our_block(layer, relu), normal(seed, 1, tokens, 6), normal(seed + 1, 1, 4, 6)
    pre = pre_norm_block(states, block, None, memory)
    np.testing.assert_allclose(pre.middle, states + pre.attended + pre.crossed, **DOUBLE)
    np.testing.assert_allclose(pre.output, pre.middle + pre.transformed, **DOUBLE)
    post = post_norm_block(states, block)
    np.testing.assert_allclose(post.middle, block.attention_norm(states + post.attended), **DOUBLE)
    np.testing.assert_allclose(post.output, block.feed_forward_norm(post.middle + post.transformed), **DOUBLE)


# the cache -------------------------------------------------------------------------------------------


def test_a_cache_returns_all_that_was_appended():
    cache, (key, value) = KeyValueCache(), normal(7, 2, 3, 5, 4)
    assert len(cache) == 0
    for start, stop in [(0, 2), (2, 3), (3, 5)]:
        keys, values = cache.append(key[:, start:stop], value[:, start:stop])
        assert len(cache) == stop
        np.testing.assert_array_equal(keys, key[:, :stop])
        np.testing.assert_array_equal(values, value[:, :stop])


@quick
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(1, 3), seeds)
def test_attention_with_a_cache_equals_attention_over_the_whole_text(pieces, heads, seed):
    parts = [Projection(w) for w in normal(seed, 4, 2 * heads, 2 * heads)]
    attend, states = Attention(*parts, heads), normal(seed + 1, 2, sum(pieces), 2 * heads)
    whole, _ = attend(states, causal_mask(sum(pieces)))
    cache, outputs = KeyValueCache(), []
    for piece in pieces:
        past = len(cache)
        new = states[:, past : past + piece]
        outputs.append(attend(new, causal_mask(piece, past + piece), cache=cache)[0])
    np.testing.assert_allclose(np.concatenate(outputs, axis=1), whole, **DOUBLE)


@quick
@given(st.integers(0, 20), seeds)
def test_rotary_attention_with_a_past_equals_that_from_the_start(past, seed):
    query, key, value = normal(seed, 3, past + 3, 4)
    whole, _ = attention(rotary(query), rotary(key), value, causal_mask(past + 3))
    last, _ = attention(rotary(query[past:], past), rotary(key), value, causal_mask(3, past + 3))
    np.testing.assert_allclose(last, whole[past:], **DOUBLE)
