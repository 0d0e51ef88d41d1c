# mistake: the length upside down
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    avg = sum(len(d) for d in docs) / len(docs)
    return [sum(idf(w, texts) * d.count(w) * (k1 + 1) / (d.count(w) + k1 * (1 - b + b * avg / len(d))) for w in re.findall(r"\w+", query.lower())) for d in docs]
