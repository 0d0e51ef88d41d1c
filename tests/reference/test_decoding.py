import numpy as np
import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chisquare
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.generation import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from helpers.reference import decoding
from helpers.reference.attention import softmax

VOCABULARY = st.integers(1, 40)


def logits_of(elements, unique):
    """Two rows of logits: a batch, so that an axis mixed up shows."""
    return VOCABULARY.flatmap(
        lambda n: arrays(np.float64, (2, n), elements=elements, fill=st.nothing(), unique=unique)
    )


smooth = logits_of(st.floats(-15, 15, width=32), unique=True)
tied = logits_of(st.integers(-3, 3).map(float), unique=False)  # few values: many ties


def warp(warper, logits):
    return warper(None, torch.from_numpy(logits)).numpy()


def away_from_the_threshold(logits, p):
    """No running sum so near to 1 - p that rounding decides."""
    sums = np.cumsum(np.sort(softmax(logits, axis=-1), axis=-1), axis=-1)[..., :-1]
    return bool((np.abs(sums - (1 - p)) > 1e-9).all())


@pytest.mark.parametrize("t", [0.01, 0.5, 0.7, 1.0, 1.5, 10.0])
@settings(max_examples=25, deadline=None)
@given(logits=smooth)
def test_temperature_is_transformers_temperature(t, logits):
    np.testing.assert_array_equal(decoding.temperature(logits, t), warp(TemperatureLogitsWarper(t), logits))


@pytest.mark.parametrize("k", [1, 2, 3, 10, 50])
@settings(max_examples=25, deadline=None)
@given(logits=smooth | tied)
def test_top_k_is_transformers_top_k_with_its_ties(k, logits):
    np.testing.assert_array_equal(decoding.top_k(logits, k), warp(TopKLogitsWarper(k), logits))


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 0.95, 0.999])
@settings(max_examples=25, deadline=None)
@given(logits=smooth)
def test_top_p_is_transformers_top_p(p, logits):
    assume(away_from_the_threshold(logits, p))
    np.testing.assert_array_equal(decoding.top_p(logits, p), warp(TopPLogitsWarper(p), logits))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@settings(max_examples=25, deadline=None)
@given(logits=tied)
def test_top_p_keeps_as_many_tied_tokens_as_transformers_those_with_lower_ids(p, logits):
    assume(away_from_the_threshold(logits, p))
    ours = decoding.top_p(logits, p)
    np.testing.assert_array_equal(np.sort(ours), np.sort(warp(TopPLogitsWarper(p), logits)))
    for row, kept in zip(logits, np.isfinite(ours), strict=True):
        for value in set(row):
            of_this_value = kept[row == value]
            assert (np.diff(of_this_value.astype(int)) <= 0).all()  # kept ones first


@settings(max_examples=50, deadline=None)
@given(logits=smooth, p=st.floats(0.01, 0.99))
@example(logits=np.log([[8.0, 6, 3, 2, 1]]), p=0.8)
def test_the_nucleus_reaches_p_and_no_smaller_one_does(logits, p):
    assume(away_from_the_threshold(logits, p))
    probabilities = softmax(logits, axis=-1)
    for row, kept in zip(probabilities, np.isfinite(decoding.top_p(logits, p)), strict=True):
        assert row[kept].sum() >= p - 1e-12
        assert row[kept].sum() - row[kept].min() < p + 1e-12
        assert kept.all() or row[kept].min() >= row[~kept].max()


@settings(max_examples=50, deadline=None)
@given(logits=smooth | tied)
def test_limits_that_change_nothing(logits):
    np.testing.assert_array_equal(decoding.top_p(logits, 1.0), logits)
    np.testing.assert_array_equal(decoding.top_k(logits, logits.shape[-1]), logits)
    np.testing.assert_array_equal(decoding.temperature(logits, 1.0), logits)


def test_top_p_1_keeps_even_what_rounds_to_nothing():
    logits = np.array([0.0, -50.0, -800.0])
    np.testing.assert_array_equal(decoding.top_p(logits, 1.0), logits)


@settings(max_examples=50, deadline=None)
@given(n=VOCABULARY, seed=st.integers(0, 999))
def test_limits_that_are_greedy(n, seed):
    rng = np.random.default_rng(seed)
    logits = rng.permuted(np.tile(np.arange(n) / 10, (2, 1)), axis=-1)
    best = decoding.greedy(logits)
    np.testing.assert_array_equal(best, logits.argmax(-1))
    for cut in (decoding.temperature(logits, 1e-4), decoding.top_k(logits, 1), decoding.top_p(logits, 0.0)):
        np.testing.assert_array_equal(decoding.sample(cut, rng), best)


def test_high_temperature_is_uniform():
    hot = decoding.temperature(np.array([5.0, 0, -5]), 1e6)
    np.testing.assert_allclose(softmax(hot, axis=-1), 1 / 3, atol=1e-5)


@pytest.mark.parametrize("call", [
    lambda z: decoding.temperature(z, 0.0),
    lambda z: decoding.temperature(z, -1.0),
    lambda z: decoding.temperature(z, float("nan")),
    lambda z: decoding.top_k(z, 0),
    lambda z: decoding.top_p(z, 1.1),
    lambda z: decoding.top_p(z, -0.1),
])
def test_settings_that_mean_nothing_are_refused(call):
    with pytest.raises(ValueError, match="must"):
        call(np.zeros(3))


def test_inputs_are_left_alone():
    logits = np.array([3.0, 1.0, 2.0])
    for change in (decoding.top_k, decoding.top_p, decoding.temperature):
        change(logits, 1)
        np.testing.assert_array_equal(logits, [3.0, 1.0, 2.0])
    decoding.top_p(logits, 0.1)
    np.testing.assert_array_equal(logits, [3.0, 1.0, 2.0])


@pytest.mark.parametrize("change", [
    lambda z: z,
    lambda z: decoding.temperature(z, 0.7),
    lambda z: decoding.top_k(z, 3),
    lambda z: decoding.top_p(z, 0.8),
])
def test_frequencies_of_samples_match_the_probabilities(change):
    logits = change(np.log(np.array([1.0, 8, 3, 6, 2])))
    expected = softmax(logits, axis=-1)
    draws = decoding.sample(np.tile(logits, (20_000, 1)), np.random.default_rng(0))
    counts = np.bincount(draws, minlength=5)
    possible = expected > 0
    assert counts[~possible].sum() == 0
    assert chisquare(counts[possible], 20_000 * expected[possible]).pvalue > 0.001


def test_a_sample_is_reproducible_and_has_the_leading_shape():
    logits = np.random.default_rng(1).normal(size=(2, 3, 7))
    once, again = (decoding.sample(logits, np.random.default_rng(2)) for _ in range(2))
    assert once.shape == (2, 3)
    np.testing.assert_array_equal(once, again)


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    size = dict(vocab_size=37, n_positions=32, n_embd=16, n_layer=2, n_head=2, initializer_range=0.5)
    return GPT2LMHeadModel(GPT2Config(**size, bos_token_id=0, eos_token_id=0, pad_token_id=0)).double().eval()


@pytest.mark.parametrize("prompt", [[1], [5, 6, 7], [36, 2, 2, 9]])
def test_greedy_generation_is_transformers_greedy_generation(tiny, prompt):
    def next_logits(ids):
        with torch.no_grad():
            return tiny(torch.tensor([ids])).logits[0, -1].numpy()

    ids = torch.tensor([prompt])
    theirs = tiny.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=20
    )[0].tolist()
    assert decoding.generate(next_logits, prompt, 20, decoding.greedy, stop=0) == theirs


def test_generation_stops_after_the_stop_token_and_shows_the_model_all_ids():
    seen = []

    def count_up(ids):
        seen.append(list(ids))
        return np.eye(10)[ids[-1] + 1]

    assert decoding.generate(count_up, (2,), 5, decoding.greedy, stop=4) == [2, 3, 4]
    assert seen == [[2], [2, 3]]
    assert decoding.generate(count_up, (2,), 3, decoding.greedy) == [2, 3, 4, 5]
