# mistake: the mean length of the query
import re

def bm25(query, texts, k1, b):
    q = re.findall(r"\w+", query.lower())
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    return [sum(idf(w, texts) * d.count(w) * (k1 + 1) / (d.count(w) + k1 * (1 - b + b * len(d) / len(q))) for w in q) for d in docs]
