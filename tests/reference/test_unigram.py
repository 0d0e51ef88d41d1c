"""The reference Unigram against `tokenizers` on one vocabulary; the lattice, sampling and EM against brute force."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby, pairwise
from math import exp, fsum, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from tokenizer_texts import TEXTS, sentences, valid_text
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from helpers.reference import unigram
from helpers.reference.unigram import Unigram


@pytest.fixture(scope="module")
def library() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    special_tokens = ["<unk>", "<s>", "</s>"]
    trainer = trainers.UnigramTrainer(
        vocab_size=1000, unk_token="<unk>", special_tokens=special_tokens, show_progress=False
    )
    tokenizer.train_from_iterator(sentences()[:1500], trainer)
    return tokenizer


@pytest.fixture(scope="module")
def ours(library: Tokenizer) -> Unigram:
    return Unigram.from_json(library.to_str())


def library_model(scores: dict[str, float]) -> Tokenizer:
    """The bare model: no special tokens, words as `split` cuts them."""
    tokenizer = Tokenizer(models.Unigram(list(scores.items()), unk_id=0))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    return tokenizer


def all_paths(edges: list[unigram.Edge], size: int, start: int = 0) -> list[list[unigram.Edge]]:
    """Every path through a lattice, by brute force."""
    if start == size:
        return [[]]
    return [[edge, *rest] for edge in edges if edge.start == start for rest in all_paths(edges, size, edge.end)]


def score_of(path: list[unigram.Edge]) -> float:
    return fsum(edge.score for edge in path)


# Log-probabilities of some tokens over a, b, c; every letter but c is a token, so that c is unknown.
SCORES = {"<unk>": 0.0, "▁": -3.0, "▁a": -1.5, "a": -2.0, "b": -2.5, "ab": -2.75, "ba": -4.0, "bab": -5.5, "aab": -4.0}


def test_lattice_and_best_path_by_hand() -> None:
    small = Unigram(SCORES)
    edges = small.lattice("▁abc")
    assert [(e.start, e.end, e.token, e.known) for e in edges] == [
        (0, 1, "▁", True),
        (0, 2, "▁a", True),
        (1, 2, "a", True),
        (1, 3, "ab", True),
        (2, 3, "b", True),
        (3, 4, "c", False),
    ]
    assert edges[-1].score == -5.5 - 10  # ten below the rarest token
    steps = small.steps("▁abc")
    assert [(step.edge.token, step.total, step.best) for step in steps] == [
        ("▁", -3.0, True),
        ("▁a", -1.5, True),
        ("a", -5.0, False),
        ("ab", -5.75, True),
        ("b", -4.0, True),
        ("c", -19.5, True),
    ]
    assert [edge.token for edge in unigram.best_path(steps)] == ["▁a", "b", "c"]
    assert small.tokenize("abc") == ["▁a", "b", "c"]
    assert small.tokenize("abcc cb") == ["▁a", "b", "cc", "▁", "c", "b"]
    assert small.encode("abcc") == [2, 4, 0]


def test_split() -> None:
    assert unigram.split("a bc") == ["▁a", "▁bc"]
    assert unigram.split("  a ") == ["▁", "▁a", "▁"]
    assert unigram.split("") == []


@settings(max_examples=150, deadline=None)
@given(st.text("abc▁", max_size=9), st.dictionaries(st.text("abc▁", min_size=1, max_size=4), st.floats(-9, -0.1)))
def test_viterbi_finds_the_best_of_all_paths(word: str, scores: dict[str, float]) -> None:
    edges = unigram.lattice(word, scores, unknown=-20.0)
    paths = all_paths(edges, len(word))
    best = unigram.best_path(unigram.viterbi(edges))
    assert best in paths
    # Sums of some floats of size 10, added in other orders: they agree to about 1e-14.
    assert score_of(best) >= max(map(score_of, paths)) - 1e-12


@settings(max_examples=100, deadline=None)
@given(st.text("abc", max_size=8), st.dictionaries(st.text("abc", min_size=1, max_size=4), st.floats(-9, -0.1)))
def test_forward_and_backward_sum_over_all_paths(word: str, scores: dict[str, float]) -> None:
    edges = unigram.lattice(word, scores, unknown=-20.0)
    total = log(fsum(exp(score_of(path)) for path in all_paths(edges, len(word))))
    assert unigram.forward(edges)[len(word)] == pytest.approx(total, abs=1e-9)
    assert unigram.backward(edges)[0] == pytest.approx(total, abs=1e-9)


def test_a_long_word_does_not_underflow() -> None:
    """e to the -20,000 is zero in floating point; its logarithm is not lost."""
    edges = unigram.lattice("a" * 2000, {"a": -10.0})
    assert unigram.forward(edges)[2000] == unigram.backward(edges)[0] == -20_000


# --- Equal to the library ----------------------------------------------------------------------------------


def same_as_the_library(ours: Unigram, library: Tokenizer, texts: list[str]) -> None:
    for text, theirs in zip(texts, library.encode_batch(texts), strict=True):
        assert ours.tokenize(text) == theirs.tokens
        assert ours.encode(text) == theirs.ids
        assert ours.decode(theirs.ids) == library.decode(theirs.ids, skip_special_tokens=False)


def test_ids_of_hard_texts(ours: Unigram, library: Tokenizer) -> None:
    same_as_the_library(ours, library, [*TEXTS, "<s>a  b</s>", "a<unk>b", "日日 日x", "▁a ▁▁", " ", "  "])


def test_ids_of_ten_thousand_sentences(ours: Unigram, library: Tokenizer) -> None:
    assert len(sentences()) >= 10_000
    same_as_the_library(ours, library, sentences())


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(valid_text(), st.text("aben th'\n1.▁")))
def test_ids_of_any_text(ours: Unigram, library: Tokenizer, text: str) -> None:
    same_as_the_library(ours, library, [text])


TOKENS = st.text("ab▁", min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(TOKENS, st.integers(-6, 0).map(float), min_size=1, max_size=12), st.text("abc ", max_size=12))
def test_ids_with_any_vocabulary_ties_included(scores: dict[str, float], text: str) -> None:
    """Whole-number scores: many paths are equally good, and the library's choice among them is ours."""
    scores = {"<unk>": 0.0} | scores
    same_as_the_library(Unigram(scores), library_model(scores), [text, "<unk>" + text])


def test_a_lone_surrogate_is_one_clear_error(ours: Unigram) -> None:
    for call in (ours.encode, lambda text: unigram.train([text], 300)):
        with pytest.raises(ValueError, match=r"U\+D83D at position 3 .* lone surrogate"):
            call("ab \ud83d")


@pytest.mark.parametrize("change", ["model", "prepend", "normalizer", "unknown"])
def test_from_json_refuses_what_it_would_read_wrongly(library: Tokenizer, change: str) -> None:
    file = json.loads(library.to_str())
    if change == "model":
        file["model"]["type"] = "BPE"
    elif change == "prepend":
        file["pre_tokenizer"]["prepend_scheme"] = "never"
    elif change == "normalizer":
        changed = Tokenizer.from_str(library.to_str())
        changed.normalizer = normalizers.NFKC()
        file = json.loads(changed.to_str())
    else:
        file["model"]["unk_id"] = None
    with pytest.raises(ValueError, match="expected"):
        Unigram.from_json(json.dumps(file))


# --- Sampling ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", [0.0, 0.4, 1.0])
def test_samples_are_as_frequent_as_they_are_probable(theta: float) -> None:
    edges = Unigram(SCORES).lattice("▁aabab")
    paths = all_paths(edges, 6)
    weights = np.exp([theta * score_of(path) for path in paths])
    rng, draws = np.random.default_rng(0), 4000
    counts = Counter(tuple(unigram.sample_path(edges, rng, theta)) for _ in range(draws))
    assert set(counts) <= set(map(tuple, paths)) and len(paths) > 10
    expected = draws * weights / weights.sum()
    order = np.argsort(expected)
    groups = np.minimum(np.cumsum(expected[order]) // 10, 40)  # rare paths together: at least ten expected
    seen = np.array([counts[tuple(paths[i])] for i in order])
    pooled = [(seen[groups == g].sum(), expected[order][groups == g].sum()) for g in np.unique(groups)]
    assert chisquare(*zip(*pooled, strict=True)).pvalue > 0.001


def test_sampling_is_reproducible_and_turns_into_viterbi(ours: Unigram) -> None:
    text = "An unbelievable story 日本, told kindly"
    once, again = (ours.encode(text, np.random.default_rng(1), theta=0.3) for _ in range(2))
    assert once == again != ours.encode(text)
    assert ours.encode(text, np.random.default_rng(1), theta=200.0) == ours.encode(text)
    for seed in range(20):
        tokens = ours.tokenize(text, np.random.default_rng(seed), theta=0.3)
        assert "".join(tokens) == "▁" + text.replace(" ", "▁")


def test_sampling_by_default_follows_the_models_own_probabilities() -> None:
    """Kudo 2018, section 3.3: the exponent only matters when it is not 1. Here one cut is four times as probable."""
    model = Unigram({"<unk>": -9.0, "▁a": log(0.5), "b": log(0.4), "▁ab": log(0.05)})
    edges, draws = model.lattice("▁ab"), 3000
    rng = np.random.default_rng(0)
    whole = {
        "sample_path": sum(len(unigram.sample_path(edges, rng)) == 1 for _ in range(draws)),
        "tokenize": sum(len(model.tokenize("ab", rng)) == 1 for _ in range(draws)),
        "encode": sum(len(model.encode("ab", rng)) == 1 for _ in range(draws)),
    }
    for name, count in whole.items():
        # 0.05 of 0.25 is a fifth; the standard deviation of the share is 0.007. Squared it would be 1/17.
        assert count / draws == pytest.approx(0.2, abs=0.04), name
    assert unigram.forward(edges)[3] == pytest.approx(log(0.25), abs=1e-12)


# --- Training ----------------------------------------------------------------------------------------------


def test_the_longest_token_is_as_long_as_the_librarys() -> None:
    settings_of_library = json.loads(trainers.UnigramTrainer().__getstate__())["UnigramTrainer"]
    longest = settings_of_library["max_piece_length"]
    word = "▁" + "abcdefghijklmnopqrstuvwxyz"
    seeds = unigram.seed_scores({word: 3}, size=10_000)
    assert max(map(len, seeds)) == longest
    every_length = {word[:size]: -1.0 for size in range(1, len(word) + 1)}
    assert max(edge.end - edge.start for edge in unigram.lattice(word, every_length)) == longest


def test_seeds_are_all_characters_and_the_highest_count_times_length() -> None:
    words = {"ab": 9, "wxyz": 5}  # ab: 9 · 2 = 18, wxyz: 5 · 4 = 20, wxy and xyz: 15
    assert set(unigram.seed_scores(words, 7)) == {*"abwxyz", "wxyz"}
    assert set(unigram.seed_scores(words, 8)) == {*"abwxyz", "wxyz", "ab"}


def test_expected_counts_are_those_of_all_paths() -> None:
    words = {"▁aab": 3, "▁ba": 2, "▁abab": 1}
    scores = {token: score for token, score in SCORES.items() if token != "<unk>"}
    expected, log_likelihood = unigram.expected_counts(words, scores)
    by_hand, by_hand_likelihood = Counter(), 0.0
    for word, count in words.items():
        paths = all_paths(unigram.lattice(word, scores), len(word))
        total = fsum(exp(score_of(path)) for path in paths)
        by_hand_likelihood += count * log(total)
        for path in paths:
            for edge in path:
                by_hand[edge.token] += count * exp(score_of(path)) / total
    assert log_likelihood == pytest.approx(by_hand_likelihood, abs=1e-9)
    assert expected == pytest.approx({token: by_hand[token] for token in scores}, abs=1e-9)


@pytest.fixture(scope="module")
def words() -> Counter[str]:
    return Counter(word for text in sentences()[:120] for word in unigram.split(text))


@pytest.fixture(scope="module")
def history(words: Counter[str]) -> list[unigram.Round]:
    return list(unigram.rounds(words, unigram.seed_scores(words, 500), 250, em_steps=4))


def test_the_likelihood_never_falls_while_the_tokens_stay(history: list[unigram.Round]) -> None:
    stages = [list(stage) for _, stage in groupby(history, key=lambda round_: len(round_.scores))]
    assert [len(stage) for stage in stages] == [4] * len(stages) and len(stages) > 2
    for stage in stages:
        for before, after in pairwise(stage):
            # It rises by far more than rounding (sums of some thousands of terms, relative 1e-13).
            assert after.log_likelihood > before.log_likelihood
    assert len(history[-1].scores) == 250


def test_scores_stay_probabilities_and_characters_stay_tokens(
    history: list[unigram.Round], words: Counter[str]
) -> None:
    for round_ in history:
        assert fsum(map(exp, round_.scores.values())) == pytest.approx(1, abs=1e-9)
        assert set("".join(words)) <= set(round_.scores)


def test_pruning_drops_what_is_missed_least() -> None:
    scores = {"a": log(0.3), "b": log(0.3), "ab": log(0.2), "ba": log(0.1), "aa": log(0.1)}
    expected = {"a": 5.0, "b": 5.0, "ab": 9.0, "ba": 0.5, "aa": 2.0}
    # ab: 9 · log(0.2 / 0.09) = 7.2   ba: 0.5 · log(0.1 / 0.09) = 0.05   aa: 2 · log(0.1 / 0.09) = 0.2
    assert set(unigram.prune(scores, expected, 4)) == {"a", "b", "ab", "aa"}
    assert set(unigram.prune(scores, expected, 3)) == {"a", "b", "ab"}


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(st.text("ab", min_size=2, max_size=4), st.floats(-9, -0.5), min_size=2, max_size=8),
    st.floats(-4, -0.5),
    st.floats(-4, -0.5),
    st.data(),
)
def test_pruning_costs_the_least_likelihood(several: dict[str, float], a: float, b: float, data: st.DataObject) -> None:
    """Kudo 2018, section 3.2, step 2b: a token's loss is the likelihood that goes with it. Here by brute force."""
    scores = {"a": a, "b": b, **several}
    expected = {token: float(data.draw(st.integers(1, 9))) for token in scores}

    def best(token: str, allowed: dict[str, float]) -> float:
        return max(score_of(path) for path in all_paths(unigram.lattice(token, allowed), len(token)))

    loss = {}
    for token in several:
        without = {other: score for other, score in scores.items() if other != token}
        loss[token] = expected[token] * (scores[token] - best(token, without))
    (dropped,) = set(scores) - set(unigram.prune(scores, expected, len(scores) - 1))
    assert loss[dropped] <= min(loss.values()) + 1e-9


def test_training_ends_when_there_are_fewer_tokens_than_asked_for() -> None:
    pieces = {"▁ab"[start:end] for start in range(3) for end in range(start + 1, 4)}
    assert set(unigram.train(["ab"], 50).vocab) == {"<unk>", *pieces}


def test_training_gives_a_tokenizer_that_the_library_reads() -> None:
    texts = sentences()[:120]
    trained = unigram.train(texts, 200, seed_size=400)
    assert len(trained.vocab) == 200 and trained.token_of[0] == "<unk>"
    assert all(0 not in trained.encode(text) and trained.decode(trained.encode(text)) == text for text in texts)
    same_as_the_library(trained, library_model(trained.scores), [*texts, *TEXTS])
    with pytest.raises(ValueError, match="vocab_size is 20;"):
        unigram.train(texts, 20)


def test_training_needs_room_for_the_characters_and_the_unknown_token() -> None:
    assert set(unigram.train(["abc"], 5).vocab) == {"<unk>", "▁", "a", "b", "c"}
    with pytest.raises(ValueError, match="vocab_size is 4; the characters and <unk> alone are 5"):
        unigram.train(["abc"], 4)
