# mistake: -
import csv

from helpers.corpora import REVIEWS


def read(split):
    with open(REVIEWS / f"{split}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [int(row["label"] == "positive") for row in rows]


texts, labels = read("train")
more_texts, more_labels = read("validation")

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10)).fit(texts, labels)


def predict(sentences):
    return model.predict_proba(sentences)[:, 1]
