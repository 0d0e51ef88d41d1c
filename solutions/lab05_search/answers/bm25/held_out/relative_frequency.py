# mistake: the frequency divided by the length
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    lengths = np.array([len(d) for d in docs])
    out = np.zeros(len(docs))
    for w in re.findall(r"\w+", query.lower()):
        f = np.array([d.count(w) for d in docs]) / lengths
        out += idf(w, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * lengths / lengths.mean()))
    return out
