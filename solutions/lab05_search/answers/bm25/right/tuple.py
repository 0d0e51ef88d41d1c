import math
import re

def bm25(query, texts, k1, b):
    cut = tuple(re.findall(r"[a-z0-9_’é]+" if False else r"\w+", t.casefold()) for t in texts)
    mean = sum(map(len, cut)) / len(cut)
    def one(doc):
        K = k1 * ((1 - b) + b * len(doc) / mean)
        return math.fsum(idf(w, texts) * (doc.count(w) / (doc.count(w) + K)) * (k1 + 1) for w in re.findall(r"\w+", query.casefold()))
    return tuple(map(one, cut))
