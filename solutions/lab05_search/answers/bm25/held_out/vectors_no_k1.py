# mistake: k1 + 1 left out
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    n = np.array([len(d) for d in docs])
    norm = k1 * ((1 - b) + b * n / n.mean())
    total = np.zeros(len(docs))
    for w in re.findall(r"\w+", query.lower()):
        f = np.array([d.count(w) for d in docs])
        total += idf(w, texts) * f / (f + norm)
    return total
