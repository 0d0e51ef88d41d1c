# mistake: not divided by the mean length
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    n = np.array([len(d) for d in docs])
    share = n / n.sum()
    scores = np.zeros(len(docs))
    for w in re.findall(r"\w+", query.lower()):
        f = np.array([d.count(w) for d in docs])
        scores += idf(w, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * share))
    return scores
