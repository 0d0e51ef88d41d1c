import csv

from helpers.corpora import REVIEWS


def read(split):
    with open(REVIEWS / f"{split}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [int(row["label"] == "positive") for row in rows]


texts, labels = read("train")
more_texts, more_labels = read("validation")

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

model = make_pipeline(CountVectorizer(ngram_range=(1, 2), binary=True), MultinomialNB())
model.fit(texts + more_texts, labels + more_labels)


def predict(sentences):
    return model.predict(sentences)
