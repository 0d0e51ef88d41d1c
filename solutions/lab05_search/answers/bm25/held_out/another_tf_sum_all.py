# mistake: the frequency divided by the length
import re
from collections import Counter

def bm25(query, texts, k1, b):
    docs = [Counter(re.findall(r"\w+", t.lower())) for t in texts]
    mean = sum(d.total() for d in docs) / len(docs)
    scores = []
    for d in docs:
        s = 0
        for w in re.findall(r"\w+", query.lower()):
            tf = d[w] / d.total()
            s += idf(w, texts) * tf * (k1 + 1) / (tf + k1 * (1 - b + b * d.total() / mean))
        scores.append(s)
    return scores
