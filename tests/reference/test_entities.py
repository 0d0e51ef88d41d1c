"""Entities and their scores against seqeval's, labels on word pieces against a real tokenizer."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import classification_report, f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities

from helpers.reference import entities
from helpers.reference.entities import IGNORED, Entity

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
sentence = st.lists(st.sampled_from(LABELS), max_size=9)


@st.composite
def two_opinions(draw):
    """The same sentences labeled twice, at random: most of what a model could say is among them."""
    lengths = draw(st.lists(st.integers(1, 8), min_size=1, max_size=4))
    return [[draw(st.lists(st.sampled_from(LABELS), min_size=n, max_size=n)) for n in lengths] for _ in range(2)]


@given(sentence)
def test_entities_are_those_that_seqeval_reads(labels) -> None:
    theirs = [Entity(kind, first, last + 1) for kind, first, last in get_entities(labels)]
    assert entities.entities(labels) == theirs


@settings(deadline=None, max_examples=200)
@given(two_opinions())
def test_scores_are_seqevals(opinions) -> None:
    actual, predicted = opinions
    ours = entities.entity_scores(actual, predicted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of 0 / 0, which both count as 0
        for k, metric in enumerate([precision_score, recall_score, f1_score]):
            assert ours["all"][k] == pytest.approx(metric(actual, predicted, zero_division=0))
        if ours.keys() == {"all"}:
            return
        report = classification_report(actual, predicted, output_dict=True, zero_division=0)
    for kind in ours.keys() - {"all"}:
        theirs = report[kind]
        wanted = theirs["precision"], theirs["recall"], theirs["f1-score"], theirs["support"]
        assert ours[kind] == pytest.approx(wanted)


def test_what_no_annotator_would_write_is_repaired() -> None:
    assert entities.entities(["I-PER", "I-PER", "O", "I-LOC"]) == [("PER", 0, 2), ("LOC", 3, 4)]
    assert entities.entities(["B-PER", "I-LOC", "I-LOC"]) == [("PER", 0, 1), ("LOC", 1, 3)]
    assert entities.entities(["B-PER", "B-PER", "I-PER"]) == [("PER", 0, 1), ("PER", 1, 3)]
    assert entities.entities([]) == entities.entities(["O", "O"]) == []


def test_scores_on_paper() -> None:
    truth = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-PER"]]
    guess = [["B-PER", "O", "O", "B-LOC"], ["O", "B-PER"]]  # two of three are right: one end is wrong
    scores = entities.entity_scores(truth, guess)
    assert scores["all"] == pytest.approx((2 / 3, 2 / 3, 2 / 3, 3))
    assert scores["PER"] == pytest.approx((1 / 2, 1 / 2, 1 / 2, 2)) and scores["LOC"] == (1, 1, 1, 1)
    assert entities.entity_scores(truth, [["O"] * 4, ["O"] * 2])["all"] == (0, 0, 0, 3)
    assert entities.entity_scores([], [])["all"] == (0, 0, 0, 0)


@pytest.mark.parametrize(("actual", "predicted"), [([["O"]], []), ([["O", "O"]], [["O"]])])
def test_labels_must_match_the_words(actual, predicted) -> None:
    with pytest.raises(ValueError, match="different numbers of sentences"):
        entities.entity_scores(actual, predicted)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3)), max_size=8))
def test_the_first_piece_of_each_word_has_its_label_and_nothing_else_has_one(words) -> None:
    labels = [label for label, _ in words]
    of_piece = [None, *(place for place, (_, pieces) in enumerate(words) for _ in range(pieces)), None]
    on_pieces = entities.on_pieces(labels, of_piece)
    assert len(on_pieces) == len(of_piece) and on_pieces[0] == on_pieces[-1] == IGNORED
    assert [label for label in on_pieces if label != IGNORED] == labels
    firsts = [k for k, word in enumerate(of_piece) if word is not None and word != of_piece[k - 1]]
    assert [k for k, label in enumerate(on_pieces) if label != IGNORED] == firsts


def test_pieces_of_a_real_tokenizer() -> None:
    from transformers import AutoTokenizer

    from helpers import checkpoints

    tokenizer = AutoTokenizer.from_pretrained(checkpoints.ASSETS / "storybook-bert")
    words = ["Rumpelstiltskin", "laughed", "at", "Whippety", "Stourie"]
    encoding = tokenizer(words, is_split_into_words=True)
    on_pieces = entities.on_pieces([1, 0, 0, 1, 2], encoding.word_ids())
    pieces = encoding.tokens()
    assert len(pieces) > len(words) + 2
    assert [label for label in on_pieces if label != IGNORED] == [1, 0, 0, 1, 2]
    assert all(label == IGNORED for piece, label in zip(pieces, on_pieces, strict=True) if piece.startswith("##"))
