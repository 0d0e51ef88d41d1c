import csv

from helpers.corpora import REVIEWS


def read(split):
    with open(REVIEWS / f"{split}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [int(row["label"] == "positive") for row in rows]


texts, labels = read("train")
more_texts, more_labels = read("validation")

import re
from collections import Counter

counts = [Counter(), Counter()]


def pieces(text):
    words = re.findall(r"\w\w+", text.lower())
    return set(words) | set(zip(words, words[1:])) | set(zip(words, words[1:], words[2:]))


for text, label in zip(texts + more_texts, labels + more_labels):
    counts[label].update(pieces(text))
known = set(counts[0]) | set(counts[1])
totals = [sum(c.values()) + len(known) for c in counts]


def predict(sentences):
    answers = []
    for sentence in sentences:
        score = 0.0
        for piece in pieces(sentence) & known:
            score += math.log((counts[1][piece] + 1) / totals[1]) - math.log((counts[0][piece] + 1) / totals[0])
        answers.append(1 if score > 0 else 0)
    return answers
