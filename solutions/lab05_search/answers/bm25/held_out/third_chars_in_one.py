# mistake: lengths in characters
import re
from collections import Counter

def bm25(query, texts, k1, b):
    average = np.mean([len(t) for t in texts])
    res = np.zeros(len(texts))
    for i, t in enumerate(texts):
        d = Counter(re.findall(r"\w+", t.lower()))
        for q in re.findall(r"\w+", query.lower()):
            res[i] += idf(q, texts) * d[q] * (k1 + 1) / (d[q] + k1 * (1 - b + b * d.total() / average))
    return res
