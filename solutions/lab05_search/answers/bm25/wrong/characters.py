# mistake: lengths in characters
import re

def bm25(query, texts, k1, b):
    avg = sum(len(t) for t in texts) / len(texts)
    scores = []
    for t in texts:
        d = re.findall(r"\w+", t.lower())
        scores.append(sum(idf(w, texts) * d.count(w) * (k1 + 1) / (d.count(w) + k1 * (1 - b + b * len(t) / avg)) for w in re.findall(r"\w+", query.lower())))
    return scores
