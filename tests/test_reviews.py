"""What the data card promises of the reviews, measured on the files."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "helpers" / "assets" / "reviews"
SPLITS = ("train", "validation", "test")
PHENOMENA = {"negation", "contrast", "sarcasm", "comparison", "mixed", "domain word"}
TOPICS = {"film", "book", "food", "gadget", "course", "travel", "software"}
# Six words in a row that two reviews may share: idioms that everybody uses.
STOCK_PHRASES: set[str] = set()


@pytest.fixture(scope="module")
def splits():
    found = {}
    for split in SPLITS:
        with (FOLDER / f"{split}.csv").open(encoding="utf-8", newline="") as file:
            found[split] = list(csv.DictReader(file))
    return found


@pytest.fixture(scope="module")
def rows(splits):
    return [row for split in SPLITS for row in splits[split]]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def test_there_are_enough(splits, rows):
    assert len(rows) >= 1000
    assert len(splits["test"]) >= 300


def test_columns_and_their_words(rows):
    for row in rows:
        assert list(row) == ["text", "label", "topic", "phenomenon"]
        assert row["text"] == row["text"].strip() != ""
    assert {row["label"] for row in rows} == {"negative", "positive"}
    assert {row["topic"] for row in rows} == TOPICS


@pytest.mark.parametrize("split", SPLITS)
def test_classes_are_balanced(splits, split):
    share = sum(row["label"] == "positive" for row in splits[split]) / len(splits[split])
    assert share == pytest.approx(0.5, abs=0.02)


def test_phenomena(rows):
    counts = Counter(row["phenomenon"] for row in rows if row["phenomenon"])
    assert set(counts) == PHENOMENA
    assert counts.total() >= 150
    assert min(counts.values()) >= 10, "enough of each to look at"


def test_nothing_twice(rows):
    seen = Counter(" ".join(words(row["text"])) for row in rows)
    assert [text for text, count in seen.items() if count > 1] == []


def test_no_two_share_six_words_in_a_row(rows):
    where = defaultdict(set)
    for number, row in enumerate(rows):
        tokens = words(row["text"])
        for i in range(len(tokens) - 5):
            where[" ".join(tokens[i : i + 6])].add(number)
    shared = {run: numbers for run, numbers in where.items() if len(numbers) > 1 and run not in STOCK_PHRASES}
    assert shared == {}


def test_no_near_duplicates(rows):
    """Jaccard similarity of the sets of character 5-grams, for every pair."""
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer

    grams = CountVectorizer(analyzer="char", ngram_range=(5, 5), binary=True, dtype=np.int32)
    matrix = grams.fit_transform(row["text"] for row in rows)
    sizes = matrix.sum(axis=1).A1
    highest, pair = 0.0, ("", "")
    for first in range(0, len(rows), 256):
        both = (matrix[first : first + 256] @ matrix.T).toarray()
        similarity = both / (sizes[first : first + 256, None] + sizes[None] - both)
        here = np.arange(len(similarity))
        similarity[here, first + here] = 0
        i, j = np.unravel_index(similarity.argmax(), similarity.shape)
        if similarity[i, j] > highest:
            highest, pair = similarity[i, j], (rows[first + i]["text"], rows[j]["text"])
    assert highest < 0.5, pair


def test_the_card_states_the_type_token_ratio(rows):
    card = FOLDER / "README.md"
    text = card.read_text(encoding="utf-8") if card.exists() else ""
    stated = re.search(r"type/token ratio:?\D{0,5}(0\.\d+)", text)
    tokens = [token for row in rows for token in words(row["text"])]
    ratio = len(set(tokens)) / len(tokens)
    assert ratio > 0.1, "a vocabulary this small would be that of a template"
    if stated is None:
        pytest.skip(f"the card states no type/token ratio; it is {ratio:.3f}")
    assert float(stated[1]) == pytest.approx(ratio, abs=0.5 * 10 ** -len(stated[1].split(".")[1]) + 1e-9)


def test_a_bag_of_words_is_not_enough(splits):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    def columns(split):
        return [row["text"] for row in splits[split]], [row["label"] for row in splits[split]]

    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000)).fit(*columns("train"))
    accuracy = model.score(*columns("test"))
    assert 0.55 < accuracy <= 0.85, "above chance, or the labels are wrong; not too easy either"
    labels = Counter(columns("test")[1])
    majority = labels.most_common(1)[0][1] / labels.total()
    assert majority == pytest.approx(0.5, abs=0.02)
