# mistake: repeated words of the query once
import re
from collections import Counter

def bm25(query, texts, k1, b):
    terms = Counter(re.findall(r"\w+", query.lower()))
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    avg = sum(map(len, docs)) / len(docs)
    res = []
    for d in docs:
        res.append(sum(idf(q, texts) * d.count(q) * (k1 + 1) / (d.count(q) + k1 * (1 - b + b * len(d) / avg)) for q in terms))
    return res
