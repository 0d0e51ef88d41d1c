# mistake: not saturated
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    return [float(sum(idf(q, texts) * d.count(q) for q in re.findall(r"\w+", query.lower()) if q in d)) for d in docs]
