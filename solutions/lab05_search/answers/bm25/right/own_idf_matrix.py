import re
import numpy as np

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    q = re.findall(r"\w+", query.lower())
    f = np.array([[d.count(w) for w in q] for d in docs], dtype=float)
    n = (f > 0).sum(axis=0)
    w = np.log1p((len(docs) - n + 0.5) / (n + 0.5))
    length = np.array([[len(d)] for d in docs])
    return ((k1 + 1) * f / (f + k1 * (1 - b + b * length / length.mean()))) @ w
