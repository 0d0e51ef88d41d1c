# mistake: the frequency divided by the length
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    avg = sum(len(d) for d in docs) / len(docs)
    tf = lambda d, w: d.count(w) / len(d)
    return [sum(idf(w, texts) * tf(d, w) * (k1 + 1) / (tf(d, w) + k1 * (1 - b + b * len(d) / avg)) for w in re.findall(r"\w+", query.lower())) for d in docs]
