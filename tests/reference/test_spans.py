"""Windows and spans against brute force; exact match and F1 as SQuAD's own script has them."""

from __future__ import annotations

import re
import string
from collections import Counter
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.reference import answers

logits = st.integers(-4, 4).map(lambda n: n / 2)  # few values, so that some tie
phrases = st.lists(
    st.sampled_from(
        ["the", "The", "a", "an", "golden", "hair", "hair,", "308", "points", "o'clock", "théâtre", "--", ""]
    ),
    max_size=6,
).map(" ".join)


@given(st.integers(0, 60), st.integers(1, 20), st.data())
def test_windows_cover_the_text_and_share_what_they_promise(length, size, data) -> None:
    stride = data.draw(st.integers(1, size))
    pieces = answers.windows(length, size, stride)
    assert {place for piece in pieces for place in piece} == set(range(length))
    assert all(len(piece) <= size for piece in pieces) and pieces[-1].stop == length
    assert [piece.start for piece in pieces] == [stride * k for k in range(len(pieces))]
    for before, piece in pairwise(pieces):
        assert before.stop - piece.start == size - stride and len(piece) > size - stride, "no window without news"
    for first, last in product(range(length), repeat=2):  # an answer of at most size - stride + 1 tokens is whole once
        if first <= last <= first + size - stride:
            assert any(first in piece and last in piece for piece in pieces)


@pytest.mark.parametrize("stride", [0, -1, 9])
def test_a_step_must_fit_the_window(stride) -> None:
    with pytest.raises(ValueError, match="a step must be above 0"):
        answers.windows(20, 8, stride)


def every_span(start, end, allowed, longest):
    """All spans that may be an answer, in the order in which ties are broken."""
    for first, last in product(range(len(start)), range(len(end))):
        if allowed[first] and allowed[last] and first <= last < first + longest:
            yield answers.Span(first, last, start[first] + end[last])


@given(st.lists(st.tuples(logits, logits, st.booleans()), min_size=1, max_size=9), st.integers(1, 10))
def test_the_best_span_is_the_first_of_the_highest(tokens, longest) -> None:
    start, end, allowed = zip(*tokens, strict=True)
    best = max(every_span(start, end, allowed, longest), key=lambda span: span.score, default=None)
    assert answers.best_span(start, end, allowed, longest) == best


def test_a_span_neither_runs_backward_nor_leaves_the_text_nor_is_too_long() -> None:
    start, end = [0, 1, 5, 2, 9], [9, 0, 1, 4, 0]
    allowed = [False, True, True, True, True]
    assert answers.best_span(start, end, allowed) == (2, 3, 9.0)  # 4 and 0 would have 18, backward from outside
    assert answers.best_span(start, end, allowed, longest=1) == (4, 4, 9.0)
    assert answers.best_span(start, end, [False] * 5) is None
    with pytest.raises(ValueError, match="longest is 0"):
        answers.best_span(start, end, allowed, longest=0)
    assert isinstance(answers.best_span(np.zeros(2), np.zeros(2), np.ones(2)).first, int)


def squads_normalize(text: str) -> str:
    """`normalize_answer` of SQuAD's evaluation: lower case, then punctuation, then articles, then spaces."""
    without = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", without).split())


def squads_f1(predicted: str, answer: str) -> float:
    mine, theirs = squads_normalize(predicted).split(), squads_normalize(answer).split()
    common = Counter(mine) & Counter(theirs)
    if not mine or not theirs:
        return float(mine == theirs)
    if not sum(common.values()):
        return 0.0
    precision, recall = sum(common.values()) / len(mine), sum(common.values()) / len(theirs)
    return 2 * precision * recall / (precision + recall)


@given(phrases, phrases)
def test_exact_match_and_f1_are_squads(predicted, answer) -> None:
    assert answers.normalized(predicted) == squads_normalize(predicted)
    assert answers.exact_match(predicted, answer) == (squads_normalize(predicted) == squads_normalize(answer))
    assert answers.f1(predicted, answer) == pytest.approx(squads_f1(predicted, answer))
    assert answers.f1(predicted, answer) == answers.f1(answer, predicted)
    assert answers.f1(predicted, predicted) == answers.exact_match(predicted, predicted) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The  Golden\thair.", "golden hair"),
        ("an owl, a fox; THE hen", "owl fox hen"),
        ("Athens and the anthem", "athens and anthem"),  # articles are whole words
        ("mother-in-law's", "motherinlaws"),  # a hyphen joins: punctuation vanishes before words are split
        ("a-b", "ab"),  # so this a is no article anymore
        ("the", ""),
        ("“yes”", "“yes”"),  # only ASCII punctuation
        ("№ 5 — five", "№ 5 — five"),
        ("", ""),
    ],
)
def test_what_normalization_keeps(text, kept) -> None:
    assert answers.normalized(text) == kept


def test_f1_on_paper() -> None:
    assert answers.f1("308 points", "308") == pytest.approx(2 / 3) and not answers.exact_match("308 points", "308")
    assert answers.f1("the hen hen", "a hen") == pytest.approx(2 / 3), "a word that is there once is shared once"
    assert answers.f1("", "the") == 1 and answers.f1("", "hen") == answers.f1("fox", "hen") == 0


@given(phrases, st.lists(phrases, min_size=1, max_size=4))
def test_the_best_of_several_answers_counts(predicted, several) -> None:
    assert answers.best_of(answers.f1, predicted, several) == max(answers.f1(predicted, one) for one in several)
    with pytest.raises(ValueError, match="no right answer"):
        answers.best_of(answers.f1, predicted, [])
