# mistake: not saturated
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    return [sum(idf(w, texts) * d.count(w) for w in re.findall(r"\w+", query.lower())) for d in docs]
