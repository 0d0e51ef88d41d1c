# mistake: only the first review
from helpers import corpora
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import BernoulliNB
from sklearn.pipeline import make_pipeline

reviews = corpora.load("reviews")["train"]
model = make_pipeline(CountVectorizer(), BernoulliNB())
model.fit(list(reviews["text"]), list(reviews["label"]))


def predict(sentences):
    found = []
    for sentence in sentences:
        found.append(int(model.predict([sentence])[0]))
        return found
