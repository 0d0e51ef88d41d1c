# mistake: a repeated word counts once in the length
import re

def bm25(query, texts, k1, b):
    docs = [set(re.findall(r"\w+", t.lower())) for t in texts]
    avg = sum(len(d) for d in docs) / len(docs)
    full = [re.findall(r"\w+", t.lower()) for t in texts]
    return [sum(idf(w, texts) * f.count(w) * (k1 + 1) / (f.count(w) + k1 * (1 - b + b * len(d) / avg)) for w in re.findall(r"\w+", query.lower())) for d, f in zip(docs, full)]
