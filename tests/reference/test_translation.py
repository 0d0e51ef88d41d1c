"""BLEU and chrF against sacrebleu, on any strings and on the course's sentences."""

import random

import numpy as np
import pytest
import sacrebleu
from agreement import examples
from hypothesis import example, given
from hypothesis import strategies as st

from helpers import corpora
from helpers.reference import translation

text = st.text(alphabet="ab.,-'1 2&;<>/é«» \n?", max_size=14)
corpus = st.lists(st.tuples(text, st.lists(text, min_size=1, max_size=3)), min_size=1, max_size=4)
METRICS = {"bleu": (translation.bleu, sacrebleu.BLEU()), "chrf": (translation.chrf, sacrebleu.CHRF())}


def library(metric, hypotheses, references):
    """sacrebleu wants a list for each place in the references, with None where a sentence has fewer."""
    longest = max(map(len, references))
    streams = [[known[i] if i < len(known) else None for known in references] for i in range(longest)]
    return metric.corpus_score(hypotheses, streams).score


def disturbed(sentence: str, draw: random.Random) -> str:
    """The sentence without a fifth of its words, now and then with one twice."""
    words = [word for word in sentence.split() if draw.random() > 0.2]
    return " ".join(word for word in words for _ in range(1 + (draw.random() < 0.1)))


@pytest.fixture(scope="module")
def sentences():
    draw = random.Random(0)
    references = [french for _, french in corpora.translations("test")][:300]
    return [disturbed(draw.choice(known), draw) for known in references], references


@given(text)
@example("1,000.5 is 3-4, isn't it?-\nYes &amp;quot; &lt;skipped> ")
@examples(300)
def test_the_words_are_those_of_13a(line):
    theirs = sacrebleu.tokenizers.tokenizer_13a.Tokenizer13a()
    assert translation.tokenize_13a(line) == theirs(line.rstrip()).split()


@given(corpus)
@example([("a a a a a", ["a b", "a a b"])])  # clipped at two
@example([("a b c d", ["a b c d e f", "a b"])])  # two lengths equally far away
@example([("a", ["a"])])  # no bigram at all
@example([("", ["a b c d"])])
@example([("a b x d e f", ["a b c d e f"]), ("", [""])])  # no match of four
@examples(400)
def test_any_corpus_gets_the_scores_of_the_library(corpus):
    hypotheses, references = map(list, zip(*corpus, strict=True))
    for ours, theirs in METRICS.values():
        assert ours(hypotheses, references) == pytest.approx(library(theirs, hypotheses, references), abs=1e-9)


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("most", [1, 9])
def test_real_sentences_get_the_scores_of_the_library(name, most, sentences):
    hypotheses, references = sentences[0], [known[:most] for known in sentences[1]]
    ours, theirs = METRICS[name]
    score = ours(hypotheses, references)
    assert 40 < score < 90
    assert score == pytest.approx(library(theirs, hypotheses, references), abs=1e-9)


def test_the_brevity_penalty():
    assert translation.brevity_penalty(10, 10) == translation.brevity_penalty(12, 10) == 1
    assert translation.brevity_penalty(8, 10) == pytest.approx(np.exp(-0.25))
    assert translation.brevity_penalty(0, 10) == 0


def test_matches_are_clipped_by_the_reference_that_has_most():
    """Papineni et al. 2002: "the the the the the the the" has 2 of 7 right, for each reference has at most two."""
    seven = translation.n_grams(["the"] * 7, 1)
    references = ["the cat is on the mat", "there is a cat on the mat"]
    assert translation.clipped_matches(seven, [translation.n_grams(r.split(), 1) for r in references]) == 2


def test_counts_add_up(sentences):
    hypotheses, references = sentences
    for counts, score_of, score in (
        (translation.bleu_counts, translation.bleu_of, translation.bleu),
        (translation.chrf_counts, translation.chrf_of, translation.chrf),
    ):
        rows = counts(hypotheses, references)
        assert rows.dtype == np.int64 and len(rows) == len(hypotheses)
        assert score_of(rows.sum(axis=0)) == score(hypotheses, references)
        assert score_of(rows[:7].sum(axis=0)) == score(hypotheses[:7], references[:7])


def test_the_paired_bootstrap_draws_the_same_sentences_for_both(sentences):
    hypotheses, references = sentences
    worse = [disturbed(line, random.Random(1)) for line in hypotheses]
    one, other = (translation.bleu_counts(h, references) for h in (hypotheses, worse))
    low, high = translation.paired_bootstrap(one, other, translation.bleu_of)
    assert 0 < low < translation.bleu(hypotheses, references) - translation.bleu(worse, references) < high
    assert translation.paired_bootstrap(one, one, translation.bleu_of) == (0, 0)
    rng = np.random.default_rng(9)
    drawn = [rng.integers(len(one), size=len(one)) for _ in range(1000)]

    def interval(differences):
        return np.quantile(differences, [0.025, 0.975])

    def score(rows, chosen):
        return translation.bleu_of(rows[chosen].sum(axis=0))

    paired = interval([score(one, these) - score(other, these) for these in drawn])
    apart = interval([score(one, these) - score(other, those) for these, those in zip(drawn, drawn[::-1])])
    assert [low, high] == pytest.approx(paired, abs=0.15 * (high - low))  # other draws, so only nearly
    assert apart[1] - apart[0] > 1.3 * (high - low)


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(ValueError, match="as many"):
        translation.bleu(["a"], [["a"], ["b"]])
    with pytest.raises(ValueError, match="list of references"):
        translation.chrf(["a b"], ["a b"])
    with pytest.raises(ValueError, match="no reference"):
        translation.bleu(["a"], [[]])
    with pytest.raises(ValueError, match="same ones twice"):
        translation.paired_bootstrap(np.zeros((2, 10)), np.zeros((3, 10)), translation.bleu_of)
