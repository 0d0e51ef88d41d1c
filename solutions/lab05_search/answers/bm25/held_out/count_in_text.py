# mistake: counted inside longer words
import re

def bm25(query, texts, k1, b):
    lower = [t.lower() for t in texts]
    lengths = np.array([len(re.findall(r"\w+", t)) for t in lower])
    scores = np.zeros(len(texts))
    for w in re.findall(r"\w+", query.lower()):
        f = np.array([t.count(w) for t in lower])
        scores += idf(w, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * lengths / lengths.mean()))
    return scores
