import re
import numpy as np

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    lengths = np.array([len(d) for d in docs])
    norm = k1 * (1 - b + b * lengths / lengths.mean())
    scores = np.zeros(len(texts))
    for w in re.findall(r"\w+", query.lower()):
        f = np.array([d.count(w) for d in docs])
        scores += idf(w, texts) * f * (k1 + 1) / (f + norm)
    return scores
