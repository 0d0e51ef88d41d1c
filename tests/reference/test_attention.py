"""The reference attention against PyTorch, against transformers' own layers, and its properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.reference.attention import (
    Projection,
    attention,
    causal_mask,
    merge_heads,
    multi_head_attention,
    padding_mask,
    sinusoidal_positions,
    softmax,
    split_heads,
)

# float64 carries 2.2e-16 of relative error per operation; the sums here have at most some dozens of terms of
# size about 1, so two right implementations differ by some 1e-15. 1e-12 leaves room; mistakes are far above.
DOUBLE = {"rtol": 0, "atol": 1e-12}

quick = settings(max_examples=60, deadline=None)  # a busy machine is no mistake of the code
finite = st.floats(-50, 50, allow_nan=False, width=64)


@st.composite
def problems(draw):
    """query, key, value and a boolean mask of matching random shapes."""
    queries, keys, d_k, d_v = (draw(st.integers(1, 5)) for _ in range(4))
    query, key, value = (
        draw(arrays(np.float64, shape, elements=finite))
        for shape in [(queries, d_k), (keys, d_k), (keys, d_v)]
    )
    return query, key, value, draw(arrays(bool, (queries, keys)))


def random_problem(seed: int, *batch: int, queries: int = 5, keys: int = 7, d_k: int = 8, d_v: int = 3):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(*batch, queries, d_k)),
        rng.normal(size=(*batch, keys, d_k)),
        rng.normal(size=(*batch, keys, d_v)),
    )


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


# attention against PyTorch -------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
@pytest.mark.parametrize("kind", ["none", "boolean", "additive"])
def test_equals_scaled_dot_product_attention(batch, kind):
    torch = pytest.importorskip("torch")
    query, key, value = random_problem(1, *batch)
    allowed = np.random.default_rng(2).random((*batch, 5, 7)) < 0.6
    allowed[..., 0] = True
    bias = np.where(allowed, np.random.default_rng(3).normal(size=allowed.shape), -np.inf)
    mask = {"none": None, "boolean": allowed, "additive": bias}[kind]
    expected = torch.nn.functional.scaled_dot_product_attention(
        *map(torch.from_numpy, (query, key, value)),
        attn_mask=None if mask is None else torch.from_numpy(mask),
    )
    np.testing.assert_allclose(attention(query, key, value, mask)[0], expected.numpy(), **DOUBLE)


def test_equals_scaled_dot_product_attention_when_causal():
    torch = pytest.importorskip("torch")
    query, key, value = random_problem(4, 2, queries=6, keys=6)
    expected = torch.nn.functional.scaled_dot_product_attention(
        *map(torch.from_numpy, (query, key, value)), is_causal=True
    )
    np.testing.assert_allclose(attention(query, key, value, causal_mask(6))[0], expected.numpy(), **DOUBLE)


def test_equals_scaled_dot_product_attention_where_a_query_may_look_nowhere():
    torch = pytest.importorskip("torch")
    query, key, value = random_problem(5)
    mask = np.ones((5, 7), dtype=bool)
    mask[2] = False
    expected = torch.nn.functional.scaled_dot_product_attention(
        *(torch.from_numpy(x)[None, None] for x in (query, key, value)), attn_mask=torch.from_numpy(mask)
    )[0, 0]
    output, weights = attention(query, key, value, mask)
    np.testing.assert_allclose(output, expected.numpy(), **DOUBLE)
    assert (output[2] == 0).all() and (weights[2] == 0).all()
    additive, _ = attention(query, key, value, np.where(mask, 0.0, -np.inf))
    np.testing.assert_allclose(additive, output, **DOUBLE)


def test_float32_stays_float32():
    query, key, value = (x.astype(np.float32) for x in random_problem(6))
    output, weights = attention(query, key, value, np.zeros((5, 7)))
    assert output.dtype == weights.dtype == np.float32


def test_a_mask_of_integers_is_refused():
    with pytest.raises(TypeError, match="padding_mask"):
        attention(*random_problem(7), mask=np.ones((5, 7), dtype=int))


# attention: properties -----------------------------------------------------------------------------


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


def test_the_scale_is_the_root_of_the_width():
    # One key matches by sqrt(d) * log 3, the other by 0: after the division the shares are 3/4 and 1/4.
    width = 16
    query = np.full((1, width), np.log(3.0))
    key = np.zeros((2, width))
    key[0, :4] = 1.0
    _, weights = attention(query, key, np.eye(2))
    np.testing.assert_allclose(weights, [[3 / 4, 1 / 4]], **DOUBLE)


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


def test_equals_torch_multihead_attention_also_across():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(6, 3, batch_first=True, dtype=torch.float64).eval()
    torch.nn.init.normal_(theirs.in_proj_bias)
    states, memory = torch.randn(2, 4, 6, dtype=torch.float64), torch.randn(2, 5, 6, dtype=torch.float64)
    hidden = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    with torch.no_grad():
        expected, expected_weights = theirs(
            states, memory, memory, key_padding_mask=torch.from_numpy(hidden == 0), average_attn_weights=False
        )
    parts = [
        Projection(w.T, b)
        for w, b in zip(
            theirs.in_proj_weight.detach().numpy().reshape(3, 6, 6),
            theirs.in_proj_bias.detach().numpy().reshape(3, 6),
            strict=True,
        )
    ]
    out = Projection(theirs.out_proj.weight.detach().numpy().T, theirs.out_proj.bias.detach().numpy())
    output, weights = multi_head_attention(
        states.numpy(), *parts, out, heads=3, mask=padding_mask(hidden), memory=memory.numpy()
    )
    np.testing.assert_allclose(output, expected.numpy(), **DOUBLE)
    np.testing.assert_allclose(weights, expected_weights.numpy(), **DOUBLE)


# The layers of transformers, at a tiny random configuration, in float64 ----------------------------


def randomized(module, seed: int):
    """`module` in float64 and eval mode, every parameter drawn anew: biases of 0 would hide mistakes."""
    import torch

    torch.manual_seed(seed)
    module = module.double().eval()
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return module


def test_equals_bert_self_attention():
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from transformers import BertConfig
    from transformers.models.bert.modeling_bert import BertSelfAttention

    config = BertConfig(hidden_size=12, num_attention_heads=3, attn_implementation="eager")
    theirs = randomized(BertSelfAttention(config), seed=1)
    states = torch.randn(2, 5, 12, dtype=torch.float64)
    attention_mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    lowest = torch.finfo(torch.float64).min
    additive = torch.from_numpy(np.where(padding_mask(attention_mask), 0.0, lowest))
    with torch.no_grad():
        expected, expected_weights = theirs(states, attention_mask=additive)
    parts = [
        Projection(linear.weight.detach().numpy().T, linear.bias.detach().numpy())
        for linear in (theirs.query, theirs.key, theirs.value)
    ]
    output, weights = multi_head_attention(
        states.numpy(), *parts, None, heads=3, mask=padding_mask(attention_mask)
    )
    np.testing.assert_allclose(weights, expected_weights.numpy(), **DOUBLE)
    np.testing.assert_allclose(output, expected.numpy(), **DOUBLE)


def test_equals_gpt2_attention():
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from transformers import GPT2Config
    from transformers.models.gpt2.modeling_gpt2 import GPT2Attention

    config = GPT2Config(n_embd=12, n_head=3, attn_implementation="eager")
    theirs = randomized(GPT2Attention(config, layer_idx=0), seed=2)
    states = torch.randn(2, 5, 12, dtype=torch.float64)
    lowest = torch.finfo(torch.float64).min
    additive = torch.from_numpy(np.where(causal_mask(5), 0.0, lowest))[None, None]
    with torch.no_grad():
        expected, expected_weights = theirs(states, attention_mask=additive)[:2]
    fused = theirs.c_attn.weight.detach().numpy(), theirs.c_attn.bias.detach().numpy()
    parts = [Projection(w, b) for w, b in zip(*(np.split(x, 3, axis=-1) for x in fused), strict=True)]
    out = Projection(theirs.c_proj.weight.detach().numpy(), theirs.c_proj.bias.detach().numpy())
    output, weights = multi_head_attention(states.numpy(), *parts, out, heads=3, mask=causal_mask(5))
    np.testing.assert_allclose(weights, expected_weights.numpy(), **DOUBLE)
    np.testing.assert_allclose(output, expected.numpy(), **DOUBLE)


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
