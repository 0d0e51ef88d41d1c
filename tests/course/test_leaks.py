"""What is wrong with splits before anything is trained: the search for near-duplicates, and what is said of it."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course import leaks
from helpers.corpora import words


def test_near_duplicates_are_those_that_comparing_all_pairs_finds():
    draw = random.Random(1)

    def text():
        return " ".join(draw.choices("abcdefghij", k=draw.randint(1, 12)))

    texts, others = [text() for _ in range(150)], [text() for _ in range(200)]
    expected = {}
    for i, one in enumerate(texts):
        similarity = [len({*one.split()} & {*two.split()}) / len({*one.split()} | {*two.split()}) for two in others]
        if max(similarity) >= 0.8:
            expected[i] = max(similarity)
    found = leaks.near_duplicates(texts, others)
    assert {i: jaccard for i, _, jaccard in found} == expected
    assert 5 < len(expected) < 145
    for i, j, jaccard in found:
        one, two = set(texts[i].split()), set(others[j].split())
        assert jaccard == len(one & two) / len(one | two)


@given(st.lists(st.text("abcde ", max_size=14), max_size=30), st.lists(st.text("abcde ", max_size=14), max_size=30))
@settings(deadline=None, max_examples=200)
def test_near_duplicates_are_the_nearest_and_the_first_of_these(texts, others):
    texts, others = ([" ".join(text) for text in part] for part in (texts, others))
    expected = []
    for i, one in enumerate(texts):
        found = [
            (len({*one.split()} & {*two.split()}) / len({*one.split()} | {*two.split()}), -j)
            for j, two in enumerate(others)
            if one.split() or two.split()
        ]
        if found and max(found)[0] >= 0.6:
            expected.append((i, -max(found)[1], max(found)[0]))
    assert leaks.near_duplicates(texts, others, 0.6) == expected


@pytest.mark.parametrize("size", [5, 10, 18, 28, 45, 70])
def test_near_duplicates_of_any_length_are_those_of_all_pairs(size):
    """For each length another number of rare words must agree; some texts are changed copies of others."""
    draw = random.Random(size)
    known = [f"w{i}" for i in range(3 * size)]
    others = [draw.sample(known, size) for _ in range(60)]
    texts = [
        [word for word in draw.choice(others) if draw.random() < 0.9] + draw.sample(known, size // 12)
        for _ in range(60)
    ]
    expected = []
    for i, one in enumerate(texts):
        jaccard, j = max((len({*one} & {*two}) / len({*one} | {*two}), -j) for j, two in enumerate(others))
        if jaccard >= 0.8:
            expected.append((i, -j, jaccard))
    assert leaks.near_duplicates([" ".join(one) for one in texts], [" ".join(two) for two in others]) == expected
    assert len(expected) > 5


def test_near_duplicates_among_40000_short_texts_of_few_words():
    """All pairs would be 80 million comparisons of 10 µs at best; here it is some seconds at most."""
    draw = random.Random(0)
    texts = [" ".join(draw.choices([f"w{i}" for i in range(50)], k=draw.randint(3, 7))) for _ in range(40_000)]
    began = time.process_time()
    found = leaks.near_duplicates(texts[:8000], texts[8000:])
    assert time.process_time() - began < 10
    assert len(found) > 500


def test_words_ignore_case_and_punctuation_and_know_chinese():
    assert words("It's GOOD, straße 7!") == ["it", "s", "good", "strasse", "7"]
    assert words("很好看。Wow") == ["很", "好", "看", "wow"]
    assert leaks.near_duplicates(["", "!!"], ["", "?"]) == []


def splits(**texts):
    from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["no", "yes"])})
    return DatasetDict(
        {
            split: Dataset.from_dict(
                {"text": list(rows), "label": [i % 2 for i in range(len(rows))]}, features=features
            )
            for split, rows in texts.items()
        }
    )


def test_leaks_are_found_named_and_if_they_are_exact_left_out_of_training():
    data = splits(
        train=["One soup, please.", "a walk in the old park near the river", "nothing like it", "quite another thing"],
        validation=["the game is on tonight", "ONE SOUP PLEASE"],
        test=["a walk in the old park near the river bank", "the game is on tonight again", "fresh words"],
    )
    clean, counts, notes = leaks.without_leaks(data)
    assert list(clean["train"]["text"]) == [
        "a walk in the old park near the river",
        "nothing like it",
        "quite another thing",
    ]
    assert len(clean["test"]) == 3 and len(clean["validation"]) == 2 and len(data["train"]) == 4
    assert counts == {
        "same in train": 1,
        "near: validation, train": 0,
        "near: test, train": 1,
        "near: test, validation": 1,
    }
    assert len(notes) == 3
    assert 'row 1 (in validation): "One soup, please."' in notes[0]
    assert "test nearly repeat one of train" in notes[1] and '"a walk in the old park near the river bank"' in notes[1]
    data = splits(train=["red", "blue"], validation=["green fields forever"], test=["yellow"])
    assert leaks.without_leaks(data)[1:] == ({name: 0 for name in counts}, [])


def test_a_label_without_a_training_text_is_refused_and_one_without_a_test_named():
    data = splits(train=["red", "blue"], validation=["Blue!", "green"], test=["yellow", "pink"])
    with pytest.raises(ValueError, match="All training texts of the label 'yes' are in validation or test too"):
        leaks.without_leaks(data)
    data = splits(train=["red"], validation=["green"], test=["yellow", "pink"])
    with pytest.raises(ValueError, match="The label 'yes' is in test but has no training text"):
        leaks.absent_labels(data)
    data = splits(train=["red", "blue"], validation=["green"], test=["yellow", "pink"])
    absent, notes = leaks.absent_labels(data)
    assert absent == {"train": [], "validation": ["yes"], "test": []}
    assert notes == ["No text of validation has the label 'yes': the numbers there say nothing about it."]
