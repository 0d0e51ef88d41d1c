# mistake: only the last word of the query
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    avg = sum(len(d) for d in docs) / len(docs)
    scores = [0.0] * len(docs)
    for w in re.findall(r"\w+", query.lower()):
        for i, d in enumerate(docs):
            f = d.count(w)
            scores[i] = idf(w, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * len(d) / avg))
    return scores
