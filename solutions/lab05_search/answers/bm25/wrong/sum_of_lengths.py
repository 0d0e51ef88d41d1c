# mistake: not divided by the mean length
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    avg = sum(len(d) for d in docs)
    return [sum(idf(w, texts) * d.count(w) * (k1 + 1) / (d.count(w) + k1 * (1 - b + b * len(d) / avg)) for w in re.findall(r"\w+", query.lower())) for d in docs]
