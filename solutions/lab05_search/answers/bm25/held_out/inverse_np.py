# mistake: the length upside down
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    dl = np.array(list(map(len, docs)))
    rel = dl.mean() / dl
    scores = np.zeros(len(docs))
    for w in re.findall(r"\w+", query.lower()):
        tf = np.array([d.count(w) for d in docs])
        scores += idf(w, texts) * (tf * (k1 + 1)) / (tf + k1 * (1 - b + b * rel))
    return list(scores)
