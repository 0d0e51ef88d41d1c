# mistake: always the same label
from helpers import corpora
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

reviews = corpora.load("reviews")["train"]
classifier = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
classifier.fit(list(reviews["text"]), list(reviews["label"]))


def predict(sentences):
    positive = classifier.predict_proba(sentences)[:, 1]
    return (positive > 0).astype(int)
