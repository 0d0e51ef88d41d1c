# mistake: a repeated word counts once in the length
import re
from collections import Counter

def bm25(query, texts, k1, b):
    docs = [Counter(re.findall(r"\w+", t.lower())) for t in texts]
    avg = sum(map(len, docs)) / len(docs)
    scores = [0.0] * len(docs)
    for w in re.findall(r"\w+", query.lower()):
        for i, d in enumerate(docs):
            scores[i] += idf(w, texts) * d[w] * (k1 + 1) / (d[w] + k1 * (1 - b + b * len(d) / avg))
    return scores
