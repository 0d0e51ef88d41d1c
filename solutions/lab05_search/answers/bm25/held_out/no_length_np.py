# mistake: the length ignored
import re

def bm25(query, texts, k1, b):
    total = np.zeros(len(texts))
    for w in re.findall(r"\w+", query.lower()):
        f = np.array([re.findall(r"\w+", t.lower()).count(w) for t in texts])
        total += idf(w, texts) * (f * (k1 + 1)) / (f + k1)
    return total
