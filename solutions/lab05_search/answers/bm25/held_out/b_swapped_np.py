# mistake: b on the wrong side
import re
from collections import Counter

def bm25(query, texts, k1, b):
    docs = [Counter(re.findall(r"\w+", t.lower())) for t in texts]
    length = np.array([sum(d.values()) for d in docs])
    slow = k1 * (b + (1 - b) * length / np.average(length))
    out = np.zeros(len(texts))
    for w in re.findall(r"\w+", query.lower()):
        f = np.array([d[w] for d in docs])
        out = out + idf(w, texts) * f * (k1 + 1) / (f + slow)
    return out.tolist()
