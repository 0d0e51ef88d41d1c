# mistake: k1 for a part of the sum only
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    lens = [len(d) for d in docs]
    avg = sum(lens) / len(lens)
    res = []
    for d, n in zip(docs, lens):
        s = 0
        for q in re.findall(r"\w+", query.lower()):
            f = d.count(q)
            denom = f + k1 * (1 - b) + (b * n) / avg
            s += idf(q, texts) * f * (k1 + 1) / denom
        res.append(s)
    return res
