"""BM25 against its formula and against rank_bm25, pooling against torch, places and fusion against counting."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.reference import search

texts = st.lists(st.sampled_from(["fox", "Hen", "owl", "the", "ran", "fox's"]), max_size=12).map(" ".join)
scores = arrays(float, st.integers(1, 8), elements=st.integers(-3, 3).map(float))  # few values, so that some tie


def by_formula(documents: list[str], query: str, k1: float, b: float) -> list[float]:
    """BM25 word by word, as it is written on paper."""
    split = [search.words(document) for document in documents]
    average = sum(map(len, split)) / len(split)
    totals = []
    for own in split:
        total = 0.0
        for word in search.words(query):
            n = sum(word in other for other in split)
            idf = math.log(1 + (len(split) - n + 0.5) / (n + 0.5))
            times = own.count(word)
            if times:
                total += idf * times * (k1 + 1) / (times + k1 * (1 - b + b * len(own) / average))
        totals.append(total)
    return totals


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=6), texts, st.floats(0, 3), st.floats(0, 1))
@example(["", "fox"], "fox", 1.0, 1.0)  # less than a word a document on average
def test_bm25_is_its_formula_and_the_sum_of_its_parts(documents, query, k1, b) -> None:
    if not any(map(search.words, documents)):
        return
    index = search.BM25(documents, k1, b)
    assert index.scores(query) == pytest.approx(by_formula(documents, query, k1, b))
    parts = index.parts(query)
    assert parts.keys() == set(search.words(query))
    assert sum(parts.values(), np.zeros(len(documents))) == pytest.approx(index.scores(query))
    assert (index.scores(query) >= 0).all()


def test_bm25_is_rank_bm25_with_an_idf_that_is_never_negative() -> None:
    rank_bm25 = pytest.importorskip("rank_bm25", reason="an independent BM25: pip install rank_bm25")
    documents = ["the fox ran", "the hen saw the fox and the fox saw the hen", "an owl", "the owl saw the hen"]
    ours = search.BM25(documents, 1.2, 0.6)
    theirs = rank_bm25.BM25Okapi([search.words(document) for document in documents], k1=1.2, b=0.6)
    theirs.idf = {word: ours.idf(word) for word in theirs.idf}  # its own is ln((N - n + 0.5) / (n + 0.5)), repaired
    for query in ("the fox", "owl owl hen", "nobody"):
        assert ours.scores(query) == pytest.approx(theirs.get_scores(search.words(query)))


def test_the_limits_of_bm25() -> None:
    documents = ["fox", "fox fox fox fox fox fox fox", "fox hen " * 3, "owl"]
    once, often, mixed, none = search.BM25(documents, k1=0).scores("fox")
    assert often == pytest.approx(once) and mixed == pytest.approx(once), "k1 = 0: only whether a word is there counts"
    assert once > none == 0
    plain = search.BM25(documents, b=0)
    assert plain.scores("fox")[0] == pytest.approx(plain.idf("fox")), "b = 0: length does not count"
    assert plain.scores("fox")[1] < 2.5 * plain.idf("fox"), "a word adds at most k1 + 1 times its idf"
    assert plain.idf("nobody") > plain.idf("owl") > plain.idf("fox") > 0
    assert search.words("The fox's DEN, no 2!") == ["the", "fox", "s", "den", "no", "2"]


@pytest.mark.parametrize(
    ("documents", "options"), [([], {}), (["a"], {"k1": -1}), (["a"], {"b": 1.1}), (["a"], {"b": -1})]
)
def test_what_bm25_refuses(documents, options) -> None:
    with pytest.raises(ValueError, match=r"BM25 needs|k1 is"):
        search.BM25(documents, **options)


@settings(deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_a_text_has_the_same_vector_alone_and_in_a_batch(lengths, more, seed) -> None:
    rng, longest = np.random.default_rng(seed), max(lengths) + more
    alone = [rng.normal(size=(length, 3)) for length in lengths]
    hidden = rng.normal(size=(len(lengths), longest, 3))  # what a model makes of padding is not 0
    mask = np.zeros((len(lengths), longest), dtype=int)
    for row, own in enumerate(alone):
        hidden[row, : len(own)], mask[row, : len(own)] = own, 1
    assert search.mean_pool(hidden, mask) == pytest.approx(np.stack([own.mean(axis=0) for own in alone]))


def test_pooling_is_that_of_sentence_transformers() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    hidden, mask = rng.normal(size=(3, 6, 4)), np.array([[1, 1, 0, 0, 0, 0], [1] * 6, [1, 1, 1, 1, 0, 0]])
    states, wide = torch.tensor(hidden), torch.tensor(mask)[..., None].expand(3, 6, 4).double()
    theirs = (states * wide).sum(1) / wide.sum(1).clamp(min=1e-9)  # modeling code on the card of all-MiniLM-L6-v2
    assert search.mean_pool(hidden, mask) == pytest.approx(theirs.numpy())
    unit = torch.nn.functional.normalize(theirs, dim=1)
    pooled = search.mean_pool(hidden, mask)
    assert search.cosine(pooled, pooled) == pytest.approx((unit @ unit.T).numpy())
    with pytest.raises(ValueError, match="Text 1 has no tokens"):
        search.mean_pool(hidden, np.array([[1] * 6, [0] * 6, [1] * 6]))


def test_a_cosine_knows_directions_only() -> None:
    rng = np.random.default_rng(0)
    queries, documents = rng.normal(size=(2, 5)), rng.normal(size=(3, 5))
    cosines = search.cosine(queries, documents)
    assert cosines.shape == (2, 3) and (np.abs(cosines) <= 1 + 1e-12).all()
    assert search.cosine(7 * queries, documents * [[1], [3], [0.1]]) == pytest.approx(cosines)
    assert search.cosine(queries, -queries).diagonal() == pytest.approx([-1, -1])
    assert search.cosine([[1, 0]], [[0, 2], [3, 0], [1, 1]]) == pytest.approx(np.array([[0, 1, 0.5**0.5]]))


@given(scores)
def test_places_are_counted_and_ties_share_the_worst(values) -> None:
    places = search.ranks(values)
    for own, place in zip(values, places, strict=True):
        assert place == sum(other > own for other in values) + sum(other == own for other in values)
    assert sorted(places)[-1] == len(values)


@given(scores, st.data())
def test_the_place_of_the_best_relevant_document(values, data) -> None:
    relevant = data.draw(st.sets(st.integers(0, len(values) - 1), min_size=1))
    best = max(values[list(relevant)])
    before = sum(value >= best for place, value in enumerate(values) if place not in relevant)
    assert search.rank_of(values, relevant) == before + 1
    assert search.rank_of(np.zeros(len(values)), relevant) == len(values) - len(relevant) + 1, "no gain from ties"


def test_no_relevant_document_is_an_error() -> None:
    with pytest.raises(ValueError, match="No document is relevant"):
        search.rank_of([1.0, 2.0], set())


@given(scores, st.integers(1, 100))
def test_reciprocal_rank_fusion_sees_places_only(values, k) -> None:
    other = np.arange(len(values), dtype=float)
    fused = search.reciprocal_rank_fusion([values, other], k)
    assert fused == pytest.approx(1 / (k + search.ranks(values)) + 1 / (k + search.ranks(other)))
    assert fused == pytest.approx(search.reciprocal_rank_fusion([1000 * values - 3, other], k))


@given(scores)
def test_z_scores_have_mean_0_and_deviation_1(values) -> None:
    alone = search.z_sum([values])
    assert alone.mean() == pytest.approx(0, abs=1e-9)
    assert alone.std() == pytest.approx(1 if values.std() else 0)
    assert search.z_sum([values, 5 * values + 2]) == pytest.approx(2 * alone)


def test_hits_and_reciprocal_ranks_on_paper() -> None:
    places = [1, 3, 2, 10]
    assert search.hits_at(places, 1).tolist() == [1, 0, 0, 0] and search.hits_at(places, 3).mean() == 0.75
    assert search.reciprocal_ranks(places) == pytest.approx([1, 1 / 3, 1 / 2, 1 / 10])
