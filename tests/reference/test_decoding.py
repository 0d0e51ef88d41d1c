import itertools
import json

import numpy as np
import pytest
import torch
from agreement import agree, examples
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, chisquare
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel
from transformers.generation import (
    MinLengthLogitsProcessor,
    MinNewTokensLengthLogitsProcessor,
    MinPLogitsWarper,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

from helpers.checkpoints import ASSETS
from helpers.reference import decoding
from helpers.reference.attention import softmax
from helpers.reference.transformer import gpt2_forward, read_checkpoint

VOCABULARY = st.integers(1, 40)
TOLERANCE = {np.dtype(np.float64): 1e-6, np.dtype(np.float32): 1e-4}  # generate computes its scores in float32


def logits_of(elements, unique):
    """Two rows of logits: a batch, so that an axis mixed up shows."""
    return VOCABULARY.flatmap(lambda n: arrays(np.float64, (2, n), elements=elements, fill=st.nothing(), unique=unique))


smooth = logits_of(st.floats(-15, 15, width=32), unique=True)
tied = logits_of(st.integers(-3, 3).map(float), unique=False)  # few values: many ties


def warp(warper, logits, ids=None):
    return warper(None if ids is None else torch.tensor(ids), torch.from_numpy(logits)).numpy()


def same_logits(what, ours, theirs):
    """The same tokens are cut, and the others have the same logits."""
    np.testing.assert_array_equal(np.isneginf(ours), np.isneginf(theirs), err_msg=what)
    agree(what, ours[np.isfinite(ours)], theirs[np.isfinite(theirs)], TOLERANCE)


def away_from_the_threshold(logits, p):
    """No running sum so near to 1 - p that rounding decides."""
    sums = np.cumsum(np.sort(softmax(logits, axis=-1), axis=-1), axis=-1)[..., :-1]
    return bool((np.abs(sums - (1 - p)) > 1e-9).all())


@pytest.mark.parametrize("t", [0.01, 0.5, 0.7, 1.0, 1.5, 10.0])
@examples(25)
@given(logits=smooth)
def test_temperature_is_transformers_temperature(t, logits):
    same_logits(
        "temperature | TemperatureLogitsWarper",
        decoding.temperature(logits, t),
        warp(TemperatureLogitsWarper(t), logits),
    )


@pytest.mark.parametrize("k", [1, 2, 3, 10, 50])
@examples(25)
@given(logits=smooth | tied)
def test_top_k_is_transformers_top_k_with_its_ties(k, logits):
    same_logits("top_k | TopKLogitsWarper", decoding.top_k(logits, k), warp(TopKLogitsWarper(k), logits))


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 0.95, 0.999])
@examples(25)
@given(logits=smooth)
def test_top_p_is_transformers_top_p(p, logits):
    assume(away_from_the_threshold(logits, p))
    same_logits("top_p | TopPLogitsWarper", decoding.top_p(logits, p), warp(TopPLogitsWarper(p), logits))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@examples(25)
@given(logits=tied)
def test_top_p_keeps_as_many_tied_tokens_as_transformers_those_with_lower_ids(p, logits):
    assume(away_from_the_threshold(logits, p))
    ours = decoding.top_p(logits, p)
    same_logits("top_p, ties | TopPLogitsWarper, sorted", np.sort(ours), np.sort(warp(TopPLogitsWarper(p), logits)))
    for row, kept in zip(logits, np.isfinite(ours), strict=True):
        for value in set(row):
            of_this_value = kept[row == value]
            assert (np.diff(of_this_value.astype(int)) <= 0).all()  # kept ones first


@examples(50)
@given(logits=smooth, p=st.floats(0.01, 0.99))
@example(logits=np.log([[8.0, 6, 3, 2, 1]]), p=0.8)
def test_the_nucleus_reaches_p_and_no_smaller_one_does(logits, p):
    assume(away_from_the_threshold(logits, p))
    probabilities = softmax(logits, axis=-1)
    for row, kept in zip(probabilities, np.isfinite(decoding.top_p(logits, p)), strict=True):
        assert row[kept].sum() >= p - 1e-12
        assert row[kept].sum() - row[kept].min() < p + 1e-12
        assert kept.all() or row[kept].min() >= row[~kept].max()


@pytest.mark.parametrize("p", [0.0, 0.02, 0.1, 0.5, 1.0])
@examples(25)
@given(logits=smooth | tied)
def test_min_p_is_transformers_min_p_with_its_ties(p, logits):
    ours = decoding.min_p(logits, p)
    same_logits("min_p | MinPLogitsWarper", ours, warp(MinPLogitsWarper(p), logits))
    for row, kept in zip(softmax(logits), np.isfinite(ours), strict=True):
        assert (row[kept] >= p * row.max()).all() and (row[~kept] < p * row.max()).all() and kept[row.argmax()]


def nearest_first(row):
    """Distances between surprise and entropy in order, and the mass collected up to each."""
    shares = softmax(row)
    distance = np.abs(-np.log(shares) + (shares * np.log(shares)).sum())
    order = np.argsort(distance, kind="stable")
    return distance[order], np.cumsum(shares[order]), order


@pytest.mark.parametrize("mass", [0.05, 0.2, 0.5, 0.9, 0.99])
@examples(25)
@given(logits=smooth | tied)
@example(logits=np.log([[6.0, 2, 1, 1]]))
def test_typical_is_transformers_typical_with_its_ties(mass, logits):
    for distance, reached, _ in map(nearest_first, logits):
        gaps = np.diff(distance)
        assume((np.abs(reached - mass) > 1e-9).all() and ((gaps > 1e-9) | (gaps < 1e-14)).all())
    ours = decoding.typical(logits, mass)
    same_logits("typical | TypicalLogitsWarper", ours, warp(TypicalLogitsWarper(mass), logits))
    for row, kept in zip(logits, np.isfinite(ours), strict=True):
        distance, reached, order = nearest_first(row)
        enough = np.argmax(reached >= mass) if (reached >= mass).any() else len(row) - 1
        np.testing.assert_array_equal(kept[order], distance <= distance[enough] + 1e-12)


def test_typical_may_cut_the_likeliest_token():
    kept = np.isfinite(decoding.typical(np.log([0.4, *[0.06] * 10]), 0.4))  # surprise 0.9 and 2.8, entropy 2.1
    assert not kept[0] and kept[1:].all()


texts = st.lists(st.integers(0, 39), min_size=1, max_size=12)
repetitive = st.lists(st.integers(0, 2), min_size=1, max_size=12)


@pytest.mark.parametrize("penalty", [0.8, 1.0, 1.3, 2.0])
@examples(25)
@given(logits=smooth | tied, ids=texts | repetitive)
@example(logits=np.array([[2.0, -2.0, 0.0, 1.0]]), ids=[0, 1, 0, 1, 2])
def test_repetition_penalty_is_transformers_repetition_penalty(penalty, logits, ids):
    row, ids = logits[0], [i % logits.shape[-1] for i in ids]
    theirs = warp(RepetitionPenaltyLogitsProcessor(penalty), row[None], [ids])[0]
    same_logits(
        "repetition_penalty | RepetitionPenaltyLogitsProcessor", decoding.repetition_penalty(row, ids, penalty), theirs
    )


def test_repetition_penalty_by_hand():
    ours = decoding.repetition_penalty(np.array([2.0, -2.0, 0.0, 1.0]), [0, 1, 0, 0], 2.0)
    np.testing.assert_array_equal(ours, [1.0, -4.0, 0.0, 1.0])


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@examples(25)
@given(logits=smooth | tied, ids=texts | repetitive)
@example(logits=np.array([[2.0, -2.0, 0.0, 1.0]]), ids=[1, 2, 3, 1, 2])
def test_no_repeat_ngrams_is_transformers_no_repeat_ngrams(n, logits, ids):
    row, ids = logits[0], [i % logits.shape[-1] for i in ids]
    ours = decoding.no_repeat_ngrams(row, ids, n)
    theirs = warp(NoRepeatNGramLogitsProcessor(n), row[None], [ids])[0]
    same_logits("no_repeat_ngrams | NoRepeatNGramLogitsProcessor", ours, theirs)
    grams = {tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)}
    repeats = [tuple([*ids, token][-n:]) in grams for token in range(len(row))]
    np.testing.assert_array_equal(np.isneginf(ours), repeats)


@pytest.mark.parametrize("minimum", [0, 1, 4, 5, 6])
def test_minimum_length_is_transformers_minimum_with_and_without_the_prompt(minimum):
    logits, ids, prompt = np.random.default_rng(0).normal(size=(2, 7)), [[1, 2, 3, 4, 5]] * 2, 2
    with_prompt = warp(MinLengthLogitsProcessor(minimum, 3), logits, ids)
    new = warp(MinNewTokensLengthLogitsProcessor(prompt, minimum, 3), logits, ids)
    same_logits(
        "minimum_length | MinLengthLogitsProcessor", decoding.minimum_length(logits, 5, minimum, 3), with_prompt
    )
    same_logits(
        "minimum_length | MinNewTokensLengthLogitsProcessor",
        decoding.minimum_length(logits, 5 - prompt, minimum, 3),
        new,
    )


@pytest.mark.parametrize("t, k, p", [(0.5, 20, 0.9), (2.0, 0, 0.8), (1.5, 5, 1.0), (0.3, 0, 0.5), (3.0, 30, 0.6)])
def test_warpers_are_chained_in_the_order_of_generate(tiny, t, k, p):
    ids = torch.tensor([[5, 6, 7]])
    options = {"max_new_tokens": 1, "return_dict_in_generate": True, "output_scores": True, "output_logits": True}
    theirs = tiny.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=True, temperature=t, top_k=k, top_p=p, **options
    )
    logits = theirs.logits[0].numpy()
    assert logits.dtype == np.float32
    ours = decoding.warp(logits, t, k, p)
    same_logits("warp | scores of generate(do_sample=True)", ours, theirs.scores[0].numpy())
    after = decoding.temperature(decoding.top_p(decoding.top_k(logits, k or 37), p), t)
    assert p == 1 or np.isfinite(after).sum() != np.isfinite(ours).sum()  # an order that would be another


@examples(25)
@given(logits=smooth)
def test_log_softmax_is_the_logarithm_of_softmax(logits):
    agree("log_softmax | torch", decoding.log_softmax(logits), torch.from_numpy(logits).log_softmax(-1))
    assert np.isfinite(decoding.log_softmax(np.array([0.0, -2000.0]))).all()


@examples(50)
@given(logits=smooth | tied)
def test_limits_that_change_nothing(logits):
    np.testing.assert_array_equal(decoding.top_p(logits, 1.0), logits)
    np.testing.assert_array_equal(decoding.top_k(logits, logits.shape[-1]), logits)
    np.testing.assert_array_equal(decoding.temperature(logits, 1.0), logits)
    np.testing.assert_array_equal(decoding.min_p(logits, 0.0), logits)
    np.testing.assert_array_equal(decoding.typical(logits, 1.0), logits)
    np.testing.assert_array_equal(decoding.warp(logits), logits)
    np.testing.assert_array_equal(decoding.repetition_penalty(logits[0], range(len(logits[0])), 1.0), logits[0])


def test_top_p_1_keeps_even_what_rounds_to_nothing():
    logits = np.array([0.0, -50.0, -800.0])
    np.testing.assert_array_equal(decoding.top_p(logits, 1.0), logits)


@examples(50)
@given(n=VOCABULARY, seed=st.integers(0, 999))
def test_limits_that_are_greedy(n, seed):
    rng = np.random.default_rng(seed)
    logits = rng.permuted(np.tile(np.arange(n) / 10, (2, 1)), axis=-1)
    best = decoding.greedy(logits)
    np.testing.assert_array_equal(best, logits.argmax(-1))
    for cut in (
        decoding.temperature(logits, 1e-4),
        decoding.top_k(logits, 1),
        decoding.top_p(logits, 0.0),
        decoding.min_p(logits, 1.0),
    ):
        np.testing.assert_array_equal(decoding.sample(cut, rng), best)


def test_high_temperature_is_uniform():
    hot = decoding.temperature(np.array([5.0, 0, -5]), 1e6)
    np.testing.assert_allclose(softmax(hot, axis=-1), 1 / 3, atol=1e-5)


@pytest.mark.parametrize(
    "call",
    [
        lambda z: decoding.temperature(z, 0.0),
        lambda z: decoding.temperature(z, -1.0),
        lambda z: decoding.temperature(z, float("nan")),
        lambda z: decoding.top_k(z, 0),
        lambda z: decoding.top_p(z, 1.1),
        lambda z: decoding.top_p(z, -0.1),
        lambda z: decoding.min_p(z, 1.1),
        lambda z: decoding.min_p(z, -0.1),
        lambda z: decoding.typical(z, 0.0),
        lambda z: decoding.typical(z, 1.1),
        lambda z: decoding.repetition_penalty(z, [1], 0.0),
        lambda z: decoding.no_repeat_ngrams(z, [1], 0),
        lambda z: decoding.beam_search(lambda ids: z, [1], 2, 2, early_stopping="always"),
        lambda z: decoding.until("text", ["stop", ""]),
        lambda z: decoding.left_pad([[1], []], 0),
    ],
)
def test_settings_that_mean_nothing_are_refused(call):
    with pytest.raises(ValueError, match="must"):
        call(np.zeros(3))


def test_inputs_are_left_alone():
    logits = np.array([3.0, 1.0, 2.0])
    for change in (decoding.top_k, decoding.top_p, decoding.temperature):
        change(logits, 1)
        np.testing.assert_array_equal(logits, [3.0, 1.0, 2.0])
    decoding.top_p(logits, 0.1)
    decoding.min_p(logits, 0.9)
    decoding.typical(logits, 0.1)
    decoding.repetition_penalty(logits, [0, 1], 2.0)
    decoding.no_repeat_ngrams(logits, [0, 1], 1)
    decoding.minimum_length(logits, 0, 1, 2)
    np.testing.assert_array_equal(logits, [3.0, 1.0, 2.0])


@pytest.mark.parametrize(
    "change",
    [
        lambda z: z,
        lambda z: decoding.temperature(z, 0.7),
        lambda z: decoding.top_k(z, 4),
        lambda z: decoding.top_p(z, 0.8),
        lambda z: decoding.min_p(z, 0.5),
        lambda z: decoding.typical(z, 0.6),
        lambda z: decoding.warp(z, 1.5, 4, 0.9),
    ],
)
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


@pytest.fixture(scope="module")
def tiny_arrays(tiny):
    weights = {name: tensor.detach().numpy() for name, tensor in tiny.state_dict().items()}
    return weights, json.loads(tiny.config.to_json_string(use_diff=False))


def uncached(weights, config):
    return lambda ids: gpt2_forward(weights, config, np.array([ids])).logits[0, -1]


def remembering(weights, config):
    logits = decoding.cached_logits(weights, config)
    return lambda ids: logits(ids)[-1]


def generate(model, ids, **options):
    ids = torch.tensor([ids])
    options = {"do_sample": False, "pad_token_id": 0, "return_dict_in_generate": True, "output_scores": True} | options
    return model.generate(ids, attention_mask=torch.ones_like(ids), **options)


def check_greedy(model, arrays, prompt, steps, **options):
    seen = []
    ours = decoding.generate(
        remembering(*arrays), prompt, steps, lambda z: seen.append(z) or decoding.greedy(z), stop=0
    )
    theirs = generate(model, prompt, max_new_tokens=steps, **options)
    assert ours == theirs.sequences[0].tolist()
    agree(
        "generate, greedy: logits | scores of generate", np.array(seen, np.float32), torch.cat(theirs.scores), TOLERANCE
    )
    return ours


@pytest.mark.parametrize("prompt", [[1], [5, 6, 7], [36, 2, 2, 9]])
def test_greedy_generation_is_transformers_greedy_generation(tiny, tiny_arrays, prompt):
    ours = check_greedy(tiny, tiny_arrays, prompt, 20)
    assert ours == decoding.generate(uncached(*tiny_arrays), prompt, 20, decoding.greedy, stop=0)


def test_generation_stops_after_the_stop_token_and_shows_the_model_all_ids():
    seen = []

    def count_up(ids):
        seen.append(list(ids))
        return np.eye(10)[ids[-1] + 1]

    assert decoding.generate(count_up, (2,), 5, decoding.greedy, stop=4) == [2, 3, 4]
    assert seen == [[2], [2, 3]]
    assert decoding.generate(count_up, (2,), 3, decoding.greedy) == [2, 3, 4, 5]


# The course's GPT-2 --------------------------------------------------------------------------------------

FOLDER = ASSETS / "storybook-gpt2"
PROMPTS = ["Once upon a time there was a", "The king", '"Why," said the fox, "do you not come down and']


@pytest.fixture(scope="module")
def storybook():
    model = GPT2LMHeadModel.from_pretrained(FOLDER, dtype=torch.float64).eval()
    return model, read_checkpoint(FOLDER, np.float64), AutoTokenizer.from_pretrained(FOLDER)


@pytest.mark.parametrize("text", PROMPTS)
def test_greedy_generation_of_storybook_gpt2(storybook, text):
    model, arrays, tokenizer = storybook
    check_greedy(model, arrays, tokenizer(text)["input_ids"], 30)


def test_the_same_seed_writes_the_same_text(storybook):
    _, arrays, tokenizer = storybook
    prompt = tokenizer(PROMPTS[0])["input_ids"]

    def text(seed, next_logits):
        rng = np.random.default_rng(seed)
        return decoding.generate(
            next_logits, prompt, 12, lambda z: decoding.sample(decoding.warp(z, 0.9, 50, 0.95), rng)
        )

    once = text(3, remembering(*arrays))
    assert once == text(3, remembering(*arrays)) == text(3, uncached(*arrays)) != text(4, remembering(*arrays))


def test_stop_strings_end_where_transformers_ends(storybook):
    model, arrays, tokenizer = storybook
    for text, stops in zip(PROMPTS, (["e."], [" was", "zebra"], ["o", "?"])):
        prompt = tokenizer(text)["input_ids"]

        def written(ids, prompt=prompt):
            return tokenizer.decode(ids[len(prompt) :])

        def over(ids, stops=stops):
            return decoding.until(written(ids), stops) != written(ids)

        ours = decoding.generate(remembering(*arrays), prompt, 25, decoding.greedy, stop=over)
        theirs = generate(model, prompt, max_new_tokens=25, stop_strings=stops, tokenizer=tokenizer)
        assert ours == theirs.sequences[0].tolist()
        assert not any(stop in decoding.until(written(ours), stops) for stop in stops)
    assert len(ours) < len(prompt) + 25  # at least this one met a stop string


def test_until_the_first_stop_string():
    assert decoding.until("to be or not", ["or", "be", "x"]) == "to "
    assert decoding.until("to be", ["or"]) == "to be" and decoding.until("to be", []) == "to be"


# The cache -----------------------------------------------------------------------------------------------


@examples(20)
@given(questions=st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=8), min_size=2, max_size=5))
def test_cached_logits_answer_any_question_and_compute_only_what_is_new(tiny_arrays, questions):
    logits, before = decoding.cached_logits(*tiny_arrays), []
    for ids in questions:
        shared = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(before, ids[:-1]))))
        ours = logits(ids)
        whole = gpt2_forward(*tiny_arrays, np.array([ids])).logits[0]
        assert len(ours) == len(ids) - shared
        agree("cached_logits | without a cache, tiny", ours, whole[shared:])
        before = ids


def test_with_the_cache_each_step_is_one_column(tiny_arrays, monkeypatch):
    widths, prompts = [], [[5, 6, 7], [8]]

    def spy(weights, config, ids, *rest, **options):
        widths.append(np.shape(ids)[1])
        return gpt2_forward(weights, config, ids, *rest, **options)

    monkeypatch.setattr(decoding, "gpt2_forward", spy)
    texts = [
        decoding.generate_batch(*tiny_arrays, prompts, 5, decoding.greedy, 0, use_cache=on) for on in (True, False)
    ]
    assert texts[0] == texts[1] and widths == [3, 1, 1, 1, 1, 3, 4, 5, 6, 7]
    widths.clear()
    decoding.generate(remembering(*tiny_arrays), [5, 6, 7], 5, decoding.greedy)
    assert widths == [3, 1, 1, 1, 1]


# Batches -------------------------------------------------------------------------------------------------


def test_left_pad_is_the_tokenizers_padding(storybook):
    _, _, tokenizer = storybook
    rows = tokenizer(PROMPTS)["input_ids"]
    tokenizer.pad_token, tokenizer.padding_side = tokenizer.eos_token, "left"
    theirs = tokenizer(PROMPTS, padding=True, return_tensors="np")
    ids, mask, positions = decoding.left_pad(rows, tokenizer.pad_token_id)
    np.testing.assert_array_equal(ids, theirs["input_ids"])
    np.testing.assert_array_equal(mask, theirs["attention_mask"])
    for row, real, where in zip(rows, mask, positions, strict=True):
        assert where[real == 1].tolist() == list(range(len(row))) and not where[real == 0].any()


def test_a_padded_batch_is_each_prompt_alone(storybook):
    model, (weights, config), tokenizer = storybook
    rows = tokenizer(PROMPTS)["input_ids"]
    ids, mask, positions = decoding.left_pad(rows, 0)
    together = gpt2_forward(weights, config, ids, mask, positions).logits[:, -1]
    alone = np.array([uncached(weights, config)(row) for row in rows])
    agree("padded batch: logits | each prompt alone", together, alone)

    stop = tokenizer(".")["input_ids"][0]
    ours = decoding.generate_batch(weights, config, rows, 20, decoding.greedy, 0, stop)
    assert ours == [decoding.generate(remembering(weights, config), row, 20, decoding.greedy, stop) for row in rows]
    theirs = model.generate(
        torch.from_numpy(ids),
        attention_mask=torch.from_numpy(mask),
        do_sample=False,
        max_new_tokens=20,
        eos_token_id=stop,
        pad_token_id=0,
    )
    for mine, other, real in zip(ours, theirs.tolist(), mask, strict=True):
        assert mine == other[np.sum(real == 0) :][: len(mine)] and not any(other[np.sum(real == 0) :][len(mine) :])


def test_texts_of_a_batch_stop_one_by_one(tiny_arrays):
    rows = [[i, j] for i in (5, 6, 7, 8) for j in (1, 2, 3)]
    ours = decoding.generate_batch(*tiny_arrays, rows, 20, decoding.greedy, 0, stop=0)
    assert ours == [decoding.generate(uncached(*tiny_arrays), row, 20, decoding.greedy, stop=0) for row in rows]
    assert len({len(text) for text in ours}) > 2  # they do stop at different times


# Beams ---------------------------------------------------------------------------------------------------


def same_beams(what, ours, theirs):
    assert len(ours.hypotheses) == len(theirs.sequences)
    for hypothesis, other in zip(ours.hypotheses, theirs.sequences.tolist()):
        assert hypothesis.ids == other[: len(hypothesis.ids)]
        assert set(other[len(hypothesis.ids) :]) <= {0, other[len(hypothesis.ids) - 1]}  # filled up by id 0 or the end
    scores = np.array([hypothesis.score for hypothesis in ours.hypotheses])
    np.testing.assert_allclose(scores, theirs.sequences_scores.numpy(), rtol=1e-6, atol=1e-6, err_msg=what)
    # Relative to their size: a penalty of -1 multiplies by the length.
    size = np.maximum(1, np.abs(scores)).astype(np.float32)
    agree(
        f"{what} | generate(num_beams=…)", scores.astype(np.float32) / size, theirs.sequences_scores / size, TOLERANCE
    )


@pytest.mark.parametrize("early_stopping", [False, True, "never"])
@pytest.mark.parametrize("beams", [2, 3, 5])
def test_beams_are_transformers_beams(tiny, tiny_arrays, beams, early_stopping):
    lengths = set()
    for prompt, length_penalty in itertools.product([[1], [5, 6, 7], [36, 2]], [-1.0, 0.0, 1.0, 3.0]):
        end = decoding.generate(remembering(*tiny_arrays), prompt, 3, decoding.greedy)[-1]  # one that is likely
        options = {"length_penalty": length_penalty, "early_stopping": early_stopping}
        ours = decoding.beam_search(remembering(*tiny_arrays), prompt, 9, beams, **options, end=end)
        options |= {"num_beams": beams, "num_return_sequences": beams, "max_new_tokens": 9, "eos_token_id": end}
        same_beams("beam_search, tiny", ours, generate(tiny, prompt, **options))
        lengths.add(len(ours.steps))
    assert len(lengths) > 1 or early_stopping == "never"  # the rule had something to decide


def test_early_stopping_decides_when_a_search_ends():
    table = bigrams(85, vocabulary=5, spread=1)
    found = {}
    for early_stopping in (True, False, "never"):
        search = decoding.beam_search(lambda ids: table[ids[-1]], [1], 20, 2, early_stopping=early_stopping, end=0)
        found[early_stopping] = len(search.steps)
    assert found[True] < found[False] < found["never"], found


@pytest.mark.parametrize("early_stopping, length_penalty", [(False, 1.0), (True, 1.0), ("never", 2.0), (False, -1.0)])
def test_beams_of_storybook_gpt2(storybook, early_stopping, length_penalty):
    model, arrays, tokenizer = storybook
    prompt, end = tokenizer(PROMPTS[0])["input_ids"], tokenizer(",")["input_ids"][0]
    options = {"early_stopping": early_stopping, "length_penalty": length_penalty}
    ours = decoding.beam_search(remembering(*arrays), prompt, 10, 4, end=end, **options)
    theirs = generate(
        model, prompt, num_beams=4, num_return_sequences=4, max_new_tokens=10, eos_token_id=end, **options
    )
    same_beams("beam_search, storybook-gpt2", ours, theirs)


def test_beams_with_changed_log_probabilities(tiny, tiny_arrays):
    for prompt in ([1], [5, 6, 5], [36, 2]):

        def change(row, ids, prompt=prompt):
            row = decoding.no_repeat_ngrams(decoding.repetition_penalty(row, ids, 1.2), ids, 2)
            return decoding.minimum_length(row, len(ids) - len(prompt), 4, 0)

        ours = decoding.beam_search(remembering(*tiny_arrays), prompt, 9, 3, end=0, change=change)
        theirs = generate(
            tiny,
            prompt,
            num_beams=3,
            num_return_sequences=3,
            max_new_tokens=9,
            repetition_penalty=1.2,
            no_repeat_ngram_size=2,
            min_new_tokens=4,
        )
        same_beams("beam_search, changed", ours, theirs)


def bigrams(seed, vocabulary=4, spread=1.5):
    """A model that looks at the last token only."""
    return np.random.default_rng(seed).normal(scale=spread, size=(vocabulary, vocabulary))


def every_text(table, first, steps):
    """Every continuation by `steps` tokens, and its probability."""
    chances = {}
    for text in itertools.product(range(len(table)), repeat=steps):
        pairs = itertools.pairwise([first, *text])
        chances[text] = np.prod([softmax(table[before])[after] for before, after in pairs])
    return chances


@examples(10)
@given(seed=st.integers(0, 99))
def test_enough_beams_find_every_text_and_one_beam_is_greedy(seed):
    table = bigrams(seed)
    chances = sorted(every_text(table, 0, 3).items(), key=lambda item: -item[1])
    search = decoding.beam_search(lambda ids: table[ids[-1]], [0], 3, 64, length_penalty=0.0)
    assert {tuple(hypothesis.ids[1:]) for hypothesis in search.hypotheses} == {text for text, _ in chances}
    scores = [hypothesis.score for hypothesis in search.hypotheses]
    np.testing.assert_allclose(scores, np.log([chance for _, chance in chances]), rtol=0, atol=1e-12)
    one = decoding.beam_search(lambda ids: table[ids[-1]], [0], 5, 1, end=3).hypotheses[0]
    assert one.ids == decoding.generate(lambda ids: table[ids[-1]], [0], 5, decoding.greedy, stop=3)


def test_the_steps_of_a_search_are_its_tree(tiny_arrays):
    next_logits = remembering(*tiny_arrays)
    search = decoding.beam_search(next_logits, [5, 6, 7], 8, 3, early_stopping="never", end=0)
    before = [decoding.Beam([5, 6, 7], 0.0, 0)]
    for number, step in enumerate(search.steps, 1):
        sums = [beam.log_probability for beam in step.candidates]
        assert len(sums) == 6 and sums == sorted(sums, reverse=True)
        assert len(step.running) == (3 if number < 8 else 0)
        for beam in step.candidates:
            parent = before[beam.parent]
            assert beam.ids[:-1] == parent.ids
            gain = decoding.log_softmax(next_logits(parent.ids))[beam.ids[-1]]
            np.testing.assert_allclose(beam.log_probability, parent.log_probability + gain, rtol=0, atol=1e-9)
        assert all(beam in step.candidates[:3] and (beam.ids[-1] == 0 or number == 8) for beam in step.finished)
        assert all(beam in step.candidates and beam.ids[-1] != 0 for beam in step.running)
        before = step.running
    finished = [beam.ids for step in search.steps for beam in step.finished]
    assert all(hypothesis.ids in finished for hypothesis in search.hypotheses)


# Speculative sampling ------------------------------------------------------------------------------------


def rows(table):
    return lambda ids: table[ids]


def last(table):
    return lambda ids: table[ids[-1]]


@pytest.mark.parametrize("guesses", [1, 2])
@pytest.mark.parametrize("change", [lambda z: z, lambda z: decoding.top_p(z, 0.8)])
def test_speculative_texts_follow_the_target(guesses, change):
    target, draft = change(bigrams(1)), change(bigrams(2))
    rng, texts, seen = np.random.default_rng(0), 3000, {}
    for _ in range(texts):
        text = tuple(decoding.speculative(rows(target), last(draft), [0], 3, guesses, rng).ids[1:])
        seen[text] = seen.get(text, 0) + 1
    chances = every_text(target, 0, 3)
    assert all(chances[text] > 0 for text in seen)
    common = [text for text, chance in chances.items() if texts * chance >= 5]
    counts, expected = [seen.get(text, 0) for text in common], [texts * chances[text] for text in common]
    if sum(expected) < texts - 1:  # all the rare texts together
        counts, expected = [*counts, texts - sum(counts)], [*expected, texts - sum(expected)]
    assert chisquare(counts, np.array(expected) * sum(counts) / sum(expected)).pvalue > 0.001


def test_the_acceptance_is_the_overlap_of_the_two_distributions():
    p, q = np.array([0.5, 0.3, 0.1, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])  # they share 0.5
    target, draft = np.log(np.tile(p, (4, 1))), np.log(np.tile(q, (4, 1)))
    told = decoding.speculative(lambda ids: target[ids[-4:]], last(draft), [0], 4000, 3, np.random.default_rng(1))
    judged = round(sum(told.accepted) / told.acceptance)
    assert binomtest(sum(told.accepted), judged, np.minimum(p, q).sum()).pvalue > 0.001
    assert len(told.ids) == 4001 and sum(told.accepted) + len(told.accepted) == 4000
    per_call = 4000 / len(told.accepted)
    assert abs(per_call - (1 - 0.5**4) / (1 - 0.5)) < 0.1  # Leviathan et al. 2023, eq. 1


def test_a_draft_that_is_the_target_is_always_right():
    table, rng = bigrams(5), np.random.default_rng(0)
    told = decoding.speculative(rows(table), last(table), [0], 10, 3, rng)
    assert told.acceptance == 1 and told.guessed == told.accepted == [3, 3, 1] and len(told.ids) == 11


def test_speculation_with_only_the_likeliest_token_is_greedy(storybook):
    _, arrays, tokenizer = storybook
    prompt = tokenizer(PROMPTS[0])["input_ids"]
    logits, calls = decoding.cached_logits(*arrays), []

    def target(ids):
        calls.append(len(out := logits(ids)))
        return decoding.top_k(out, 1)

    greedy = decoding.generate(uncached(*arrays), prompt, 12, decoding.greedy)

    def draft(ids):  # right, but for every fourth token
        return np.eye(arrays[1]["vocab_size"])[greedy[len(ids)] if len(ids) % 4 else 7] * 1e3

    told = decoding.speculative(target, draft, prompt, 12, 3, np.random.default_rng(0))
    assert told.ids == greedy and len(calls) == len(told.accepted) < 8 and max(calls[1:]) <= 4


def test_the_target_gives_a_row_for_each_token_as_long_as_the_drafts():
    with pytest.raises(ValueError, match="as long as the draft's"):
        decoding.speculative(rows(bigrams(0)), last(bigrams(1, vocabulary=3)), [0], 4, 2, np.random.default_rng(0))
    with pytest.raises(ValueError, match="after each token"):
        decoding.speculative(last(bigrams(0)), last(bigrams(1)), [0], 4, 2, np.random.default_rng(0))
