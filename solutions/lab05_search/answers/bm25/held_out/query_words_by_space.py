# mistake: the query's punctuation kept
import re
from collections import Counter

def bm25(query, texts, k1, b):
    scores = np.zeros(len(texts))
    docs = [Counter(re.findall(r"\w+", t.lower())) for t in texts]
    lengths = np.array([d.total() for d in docs])
    for w in query.lower().split(" "):
        f = np.array([d[w] for d in docs])
        scores += idf(w, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * lengths / np.mean(lengths)))
    return scores
