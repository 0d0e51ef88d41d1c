# mistake: the mean length of the query
import re
from collections import Counter

def bm25(query, texts, k1, b):
    words = re.findall(r"\w+", query.lower())
    average = len(words)
    scores = [0.0] * len(texts)
    for i, t in enumerate(texts):
        own = Counter(re.findall(r"\w+", t.lower()))
        for w in words:
            scores[i] += idf(w, texts) * own[w] * (k1 + 1) / (own[w] + k1 * (1 - b + b * own.total() / average))
    return scores
