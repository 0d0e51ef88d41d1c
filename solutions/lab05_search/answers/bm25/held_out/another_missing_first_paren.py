# mistake: b on the wrong side
import re

def bm25(query, texts, k1, b):
    tok = [re.findall(r"\w+", t.lower()) for t in texts]
    L = np.array([len(x) for x in tok]) / np.mean([len(x) for x in tok])
    s = np.zeros(len(tok))
    for q in re.findall(r"\w+", query.lower()):
        tf = np.array([x.count(q) for x in tok])
        s += idf(q, texts) * tf * (k1 + 1) / (tf + k1 * ((1 - b) * L + b))
    return s
