# mistake: divided only by the frequency
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    avg = sum(len(d) for d in docs) / len(docs)
    scores = []
    for d in docs:
        s = 0.0
        for w in re.findall(r"\w+", query.lower()):
            f = d.count(w)
            s += idf(w, texts) * (f * (k1 + 1)) / f + k1 * (1 - b + b * len(d) / avg)
        scores.append(s)
    return scores
