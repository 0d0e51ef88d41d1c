# mistake: one label for all
from helpers import corpora
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

reviews = corpora.load("reviews")["train"]
words = CountVectorizer(ngram_range=(1, 2))
bayes = MultinomialNB().fit(words.fit_transform(list(reviews["text"])), list(reviews["label"]))


def predict(sentences):
    scores = bayes.predict_proba(words.transform(sentences)).mean(axis=0)
    return int(np.argmax(scores))
