# mistake: one number for all texts
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    avg = sum(len(d) for d in docs) / len(docs)
    score = 0.0
    for d in docs:
        for w in re.findall(r"\w+", query.lower()):
            score += idf(w, texts) * d.count(w) * (k1 + 1) / (d.count(w) + k1 * (1 - b + b * len(d) / avg))
    return score
