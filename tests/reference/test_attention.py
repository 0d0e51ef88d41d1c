"""The reference attention against PyTorch, and its properties."""

import tracemalloc

import numpy as np
import pytest
from agreement import agree, examples, multi_head, randomized
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.reference.attention import (
    Projection,
    attention,
    attention_backward,
    causal_mask,
    grouped_query_attention,
    merge_heads,
    multi_head_attention,
    online_attention,
    padding_mask,
    sinusoidal_positions,
    softmax,
    softmax_backward,
    split_heads,
)

# float64 carries 2.2e-16 of relative error per operation; the sums here have at most some dozens of terms of
# size about 1, so two right implementations differ by some 1e-15. 1e-12 leaves room; mistakes are far above.
DOUBLE = {"rtol": 0, "atol": 1e-12}

quick = examples(40)
finite = st.floats(-50, 50, allow_nan=False, width=64)
sizes = st.integers(1, 9)
seeds = st.integers(0, 2**32 - 1)
few = examples(10)  # of each kind and dtype
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])
each_kind = pytest.mark.parametrize("kind", ["none", "boolean", "additive", "causal"])


@st.composite
def problems(draw):
    """query, key, value and a boolean mask of matching random shapes."""
    queries, keys, d_k, d_v = (draw(st.integers(1, 5)) for _ in range(4))
    query, key, value = (
        draw(arrays(np.float64, shape, elements=finite)) for shape in [(queries, d_k), (keys, d_k), (keys, d_v)]
    )
    return query, key, value, draw(arrays(bool, (queries, keys)))


def random_problem(seed: int, *batch: int, queries=5, keys=7, d_k=8, d_v=3, dtype=np.float64):
    rng = np.random.default_rng(seed)
    shapes = (queries, d_k), (keys, d_k), (keys, d_v)
    return tuple(rng.normal(size=(*batch, *shape)).astype(dtype) for shape in shapes)


def random_mask(kind: str, seed: int, *batch: int, queries: int, keys: int, dtype=np.float64):
    """A mask in which every query may look at its first key at least."""
    rng = np.random.default_rng(seed)
    allowed = rng.random((*batch, queries, keys)) < 0.6
    allowed[..., 0] = True
    bias = np.where(allowed, rng.normal(size=allowed.shape), -np.inf).astype(dtype)
    triangle = np.arange(keys) <= np.arange(queries)[:, None]
    return {"none": None, "boolean": allowed, "additive": bias, "causal": triangle}[kind]


def as_torch(*arrays):
    import torch

    return [None if x is None else torch.from_numpy(np.ascontiguousarray(x)) for x in arrays]


# softmax -------------------------------------------------------------------------------------------


def test_softmax_by_hand():
    # exp(log 1), exp(log 3), exp(log 4) are 1, 3, 4: shares of 8.
    np.testing.assert_allclose(softmax(np.log([1.0, 3.0, 4.0])), [1 / 8, 3 / 8, 4 / 8], **DOUBLE)


def test_softmax_does_not_overflow():
    np.testing.assert_allclose(softmax(np.array([1e4, 1e4, -1e4])), [0.5, 0.5, 0.0], **DOUBLE)
    np.testing.assert_allclose(softmax(np.array([-1e4, -1e4])), [0.5, 0.5], **DOUBLE)


def test_softmax_along_another_axis():
    scores = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(softmax(scores, axis=0).sum(axis=0), 1, **DOUBLE)


def test_softmax_takes_integers_and_keeps_float32():
    np.testing.assert_allclose(softmax(np.array([7, 7])), [0.5, 0.5], **DOUBLE)
    assert softmax(np.zeros(3, np.float32), where=np.array([True, True, False])).dtype == np.float32


def test_softmax_does_not_hide_nan():
    assert np.isnan(softmax(np.array([0.0, np.nan]))).all()
    np.testing.assert_array_equal(softmax(np.array([0.0, np.nan]), where=np.array([True, False])), [1, 0])


@quick
@given(arrays(np.float64, (3, 4), elements=finite), st.floats(-1e3, 1e3))
def test_adding_a_constant_to_a_row_changes_nothing(scores, constant):
    # The sum scores + constant is itself rounded, by up to 1e3 * 1.1e-16 per entry.
    np.testing.assert_allclose(softmax(scores + constant), softmax(scores), rtol=0, atol=1e-11)


@quick
@given(arrays(np.float64, (3, 4), elements=finite), arrays(bool, (3, 4)))
def test_a_row_sums_to_one_where_something_may_be_seen(scores, where):
    shares = softmax(scores, where=where)
    np.testing.assert_allclose(shares.sum(axis=-1), where.any(axis=-1).astype(float), **DOUBLE)
    assert (shares[~where] == 0).all()
    assert (shares >= 0).all()


# attention ---------------------------------------------------------------------------------------


def test_the_scale_is_the_root_of_the_width():
    # One key matches by sqrt(d) * log 3, the other by 0: after the division the shares are 3/4 and 1/4.
    width = 16
    query = np.full((1, width), np.log(3.0))
    key = np.zeros((2, width))
    key[0, :4] = 1.0
    _, weights = attention(query, key, np.eye(2))
    np.testing.assert_allclose(weights, [[3 / 4, 1 / 4]], **DOUBLE)


def test_float32_stays_float32():
    query, key, value = (x.astype(np.float32) for x in random_problem(6))
    output, weights = attention(query, key, value, np.zeros((5, 7)))
    assert output.dtype == weights.dtype == np.float32


def test_a_mask_of_integers_is_refused():
    with pytest.raises(TypeError, match="padding_mask"):
        attention(*random_problem(7), mask=np.ones((5, 7), dtype=int))


@quick
@given(problems())
def test_weights_sum_to_one_and_masked_ones_are_exactly_zero(problem):
    query, key, value, mask = problem
    output, weights = attention(query, key, value, mask)
    np.testing.assert_allclose(weights.sum(axis=-1), mask.any(axis=-1).astype(float), **DOUBLE)
    assert (weights[~mask] == 0).all()
    assert np.isfinite(output).all()


@quick
@given(problems(), st.randoms(use_true_random=False))
def test_permuting_keys_and_values_together_changes_nothing(problem, random):
    query, key, value, mask = problem
    order = list(range(len(key)))
    random.shuffle(order)
    straight, _ = attention(query, key, value, mask)
    shuffled, _ = attention(query, key[order], value[order], mask[:, order])
    # Values reach 50 and are summed in another order.
    np.testing.assert_allclose(shuffled, straight, rtol=0, atol=1e-11)


@quick
@given(problems(), st.randoms(use_true_random=False))
def test_permuting_queries_permutes_outputs(problem, random):
    query, key, value, mask = problem
    order = list(range(len(query)))
    random.shuffle(order)
    straight, _ = attention(query, key, value, mask)
    shuffled, _ = attention(query[order], key, value, mask[order])
    # Scores reach 5 * 50 * 50 = 12,500; a matrix product may round a row differently in another place.
    np.testing.assert_allclose(shuffled, straight[order], rtol=0, atol=1e-7)


@quick
@given(problems())
def test_an_output_lies_among_the_values(problem):
    query, key, value, _ = problem
    output, _ = attention(query, key, value)
    assert (output >= value.min(axis=0) - 1e-9).all() and (output <= value.max(axis=0) + 1e-9).all()


@quick
@given(st.integers(2, 6), st.data())
def test_causal_a_later_token_changes_no_earlier_output(tokens, data):
    states = data.draw(arrays(np.float64, (tokens, 3), elements=finite))
    changed_at = data.draw(st.integers(1, tokens - 1))
    changed = states.copy()
    changed[changed_at] += 17
    before, _ = attention(states, states, states, causal_mask(tokens))
    after, _ = attention(changed, changed, changed, causal_mask(tokens))
    np.testing.assert_allclose(after[:changed_at], before[:changed_at], rtol=0, atol=1e-9)


# masks ---------------------------------------------------------------------------------------------


def test_causal_mask():
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert causal_mask(1, 3).tolist() == [[True, True, True]]
    assert causal_mask(2, 3).tolist() == [[True, True, False], [True, True, True]]
    with pytest.raises(ValueError, match="at least as many keys"):
        causal_mask(3, 2)


def test_padding_mask_combines_with_the_causal_one():
    mask = padding_mask(np.array([[1, 1, 1], [1, 1, 0]]))
    assert mask.shape == (2, 1, 1, 3) and mask.dtype == bool
    both = causal_mask(3) & mask
    assert both.shape == (2, 1, 3, 3)
    assert both[1, 0].tolist() == [[True, False, False], [True, True, False], [True, True, False]]
    with pytest.raises(ValueError, match="ones and zeros"):
        padding_mask(np.array([0.0, -1e9]))


@quick
@given(st.integers(1, 4), st.integers(0, 4), st.integers(0, 1000))
def test_padding_changes_no_real_output(real, padded, seed):
    states = np.random.default_rng(seed).normal(size=(real + padded, 4))
    mask = padding_mask(np.array([1] * real + [0] * padded))[0]
    alone, _ = attention(states[:real], states[:real], states[:real])
    together, _ = attention(states, states, states, mask)
    np.testing.assert_allclose(together[..., :real, :].reshape(real, 4), alone, **DOUBLE)


# heads ---------------------------------------------------------------------------------------------


def test_split_heads_gives_each_head_its_own_features():
    states = np.arange(12).reshape(2, 6)  # two tokens, width 6
    assert split_heads(states, 3).tolist() == [[[0, 1], [6, 7]], [[2, 3], [8, 9]], [[4, 5], [10, 11]]]
    with pytest.raises(ValueError, match="divides the width 6"):
        split_heads(states, 4)


@quick
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_merge_heads_inverts_split_heads(batch, tokens, heads, d_head):
    states = np.random.default_rng(0).normal(size=(batch, tokens, heads * d_head))
    np.testing.assert_array_equal(merge_heads(split_heads(states, heads)), states)


def test_multi_head_attention_equals_one_head_after_the_other():
    rng = np.random.default_rng(8)
    states, (wq, wk, wv, wo) = rng.normal(size=(5, 6)), rng.normal(size=(4, 6, 6))
    output, weights = multi_head_attention(states, *map(Projection, (wq, wk, wv, wo)), heads=3)
    pieces = [slice(0, 2), slice(2, 4), slice(4, 6)]
    one_by_one = [attention(states @ wq[:, p], states @ wk[:, p], states @ wv[:, p]) for p in pieces]
    np.testing.assert_allclose(weights, [w for _, w in one_by_one], **DOUBLE)
    np.testing.assert_allclose(output, np.concatenate([o for o, _ in one_by_one], axis=-1) @ wo, **DOUBLE)


# positions -----------------------------------------------------------------------------------------


def test_sinusoidal_positions_by_the_formula():
    table = sinusoidal_positions(7, 6)
    for position in range(7):
        for i in range(3):
            angle = position / 10_000 ** (2 * i / 6)
            np.testing.assert_allclose(table[position, 2 * i], np.sin(angle), **DOUBLE)
            np.testing.assert_allclose(table[position, 2 * i + 1], np.cos(angle), **DOUBLE)
    with pytest.raises(ValueError, match="even width"):
        sinusoidal_positions(4, 3)


def test_sinusoidal_dot_products_depend_on_the_distance_alone():
    table = sinusoidal_positions(30, 8)
    products = table @ table.T
    for distance in range(10):
        along = np.diagonal(products, distance)
        np.testing.assert_allclose(along, along[0], **DOUBLE)


# against PyTorch, at random sizes -----------------------------------------------------------------


@each_dtype
@each_kind
@few
@given(st.sampled_from([(), (1,), (2,), (2, 3)]), sizes, sizes, sizes, sizes, seeds)
def test_equals_scaled_dot_product_attention(kind, dtype, batch, queries, keys, d_k, d_v, seed):
    torch = pytest.importorskip("torch")
    if kind == "causal":  # torch's own triangle, which is ours only for as many keys as queries
        keys = queries
    problem = random_problem(seed, *batch, queries=queries, keys=keys, d_k=d_k, d_v=d_v, dtype=dtype)
    mask = random_mask(kind, seed, *batch, queries=queries, keys=keys, dtype=dtype)
    *tensors, torch_mask = as_torch(*problem, None if kind == "causal" else mask)
    expected = torch.nn.functional.scaled_dot_product_attention(*tensors, torch_mask, is_causal=kind == "causal")
    ours, _ = attention(*problem, causal_mask(queries) if kind == "causal" else mask)
    agree(f"attention, mask: {kind} | scaled_dot_product_attention", ours, expected)


@each_dtype
@each_kind
@few
@given(sizes, sizes, st.integers(1, 4), st.integers(1, 4), st.booleans(), seeds)
def test_equals_torch_multihead_attention(kind, dtype, tokens, others, heads, d_head, across, seed):
    torch = pytest.importorskip("torch")
    theirs = randomized(torch.nn.MultiheadAttention(heads * d_head, heads, batch_first=True), seed, dtype)
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(2, tokens, heads * d_head)).astype(dtype)
    memory = rng.normal(size=(2, others, heads * d_head)).astype(dtype) if across else None
    keys = others if across else tokens
    mask = random_mask(kind, seed, queries=tokens, keys=keys, dtype=dtype)
    real = rng.random((2, keys)) < 0.7
    real[:, 0] = True
    # Their booleans say the opposite (True: may not look), and both masks must be of one kind.
    their_mask = mask if mask is None or mask.dtype != bool else ~mask
    their_padding = np.where(real, 0, -np.inf).astype(dtype) if kind == "additive" else ~real
    source, *masks = as_torch(states if memory is None else memory, their_mask, their_padding)
    with torch.no_grad():
        expected, expected_weights = theirs(
            torch.from_numpy(states),
            source,
            source,
            attn_mask=masks[0],
            key_padding_mask=masks[1],
            average_attn_weights=False,
        )
    padding = padding_mask(real.astype(int))
    both = {"none": padding, "additive": np.where(padding, mask, -np.inf)}.get(kind)
    output, weights = multi_head(theirs)(states, padding & mask if both is None else both, memory)
    what = f"{'cross' if across else 'self'}-attention with heads, mask: {kind} and padding | nn.MultiheadAttention"
    agree(what, output, expected)
    agree(what, weights, expected_weights)


# for further/attention_numerics ----------------------------------------------------------------------


@each_dtype
@each_kind
@few
@given(st.integers(1, 3), st.integers(1, 3), sizes, sizes, seeds)
def test_grouped_queries_equal_torch_and_repeated_heads(kind, dtype, key_heads, group, queries, keys, seed):
    torch = pytest.importorskip("torch")
    query, _, _ = random_problem(seed, 2, key_heads * group, queries=queries, dtype=dtype)
    _, key, value = random_problem(seed, 2, key_heads, keys=keys, dtype=dtype)
    mask = random_mask(kind, seed, queries=queries, keys=keys, dtype=dtype)
    ours, weights = grouped_query_attention(query, key, value, mask)
    *tensors, torch_mask = as_torch(query, key, value, mask)
    expected = torch.nn.functional.scaled_dot_product_attention(*tensors, torch_mask, enable_gqa=True)
    agree("grouped_query_attention | scaled_dot_product_attention(enable_gqa=True)", ours, expected)
    for head in range(key_heads * group):  # neighbors share: heads 0 … group - 1 have key head 0
        alone = attention(query[:, head], key[:, head // group], value[:, head // group], mask)
        np.testing.assert_allclose(ours[:, head], alone[0], rtol=0, atol=1e-5)
        np.testing.assert_allclose(weights[:, head], alone[1], rtol=0, atol=1e-5)


def test_grouped_queries_must_split_evenly():
    with pytest.raises(ValueError, match="multiple of 2 query heads"):
        grouped_query_attention(np.ones((3, 4, 2)), np.ones((2, 4, 2)), np.ones((2, 4, 2)))


@each_dtype
@few
@given(sizes, sizes, st.sampled_from([-1, 0]), seeds)
def test_softmax_backward_equals_autograd(dtype, rows, columns, axis, seed):
    torch = pytest.importorskip("torch")
    scores, grad = np.random.default_rng(seed).normal(size=(2, rows, columns)).astype(dtype)
    tensor = torch.tensor(scores, requires_grad=True)
    torch.softmax(tensor, dim=axis).backward(torch.from_numpy(grad))
    agree("softmax_backward | autograd", softmax_backward(softmax(scores, axis=axis), grad, axis), tensor.grad)


@each_dtype
@each_kind
@few
@given(st.sampled_from([(), (2,), (2, 3)]), sizes, sizes, sizes, sizes, seeds)
def test_attention_backward_equals_autograd(kind, dtype, batch, queries, keys, d_k, d_v, seed):
    torch = pytest.importorskip("torch")
    problem = random_problem(seed, *batch, queries=queries, keys=keys, d_k=d_k, d_v=d_v, dtype=dtype)
    mask = random_mask(kind, seed, *batch, queries=queries, keys=keys, dtype=dtype)
    output, weights = attention(*problem, mask)
    grad = np.random.default_rng(seed + 1).normal(size=output.shape).astype(dtype)
    *tensors, torch_mask, torch_grad = as_torch(*problem, mask, grad)
    for tensor in tensors:
        tensor.requires_grad_()
    torch.nn.functional.scaled_dot_product_attention(*tensors, torch_mask).backward(torch_grad)
    ours = attention_backward(*problem, weights, grad)
    for name, gradient, tensor in zip(["query", "key", "value"], ours, tensors, strict=True):
        agree(f"attention_backward, {name} | autograd", gradient, tensor.grad)


@each_dtype
@each_kind
@few
@given(st.sampled_from([(), (2, 3)]), sizes, st.integers(1, 12), st.integers(1, 5), st.sampled_from([1, 30]), seeds)
def test_online_attention_equals_the_exact_one(kind, dtype, batch, queries, keys, block, size, seed):
    query, key, value = random_problem(seed, *batch, queries=queries, keys=keys, dtype=dtype)
    mask = random_mask(kind, seed, *batch, queries=queries, keys=keys, dtype=dtype)
    if kind == "boolean":
        mask[..., 0] = False  # so that some queries may look nowhere, or nowhere in the first block
    # float32 keeps seven digits, and scores of size 1,000 leave four of them behind the point.
    size = size if dtype == np.float64 else 1
    ours = online_attention(query * dtype(size), key, value, mask, block)
    exact, _ = attention(query * dtype(size), key, value, mask)
    agree("online_attention | attention", ours, exact)


def test_online_attention_takes_masks_that_broadcast():
    query, key, value = random_problem(11, 2)
    for mask in (np.array([[True], [False], [True], [True], [True]]), np.arange(7) != 3, np.zeros((1, 1))):
        exact, _ = attention(query, key, value, mask)
        np.testing.assert_allclose(online_attention(query, key, value, mask, block=3), exact, **DOUBLE)


def peak_memory(function, *arrays) -> int:
    tracemalloc.start()
    function(*arrays)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_online_attention_needs_memory_for_a_block_and_not_for_the_square():
    # Four times as many scores for the exact one, twice as many (queries x block) for the other. Beside the scores
    # both hold little: vectors of width 8.
    short, long = (random_problem(12, queries=n, keys=n) for n in (400, 800))
    assert peak_memory(attention, *long) > 3.5 * peak_memory(attention, *short)
    assert peak_memory(online_attention, *long) < 2.5 * peak_memory(online_attention, *short)
    assert peak_memory(online_attention, *long) < peak_memory(attention, *long) / 2
