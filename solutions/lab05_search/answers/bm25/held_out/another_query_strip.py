# mistake: the query's punctuation kept
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    avg = np.mean([len(d) for d in docs])
    scores = []
    for d in docs:
        s = 0.0
        for w in query.lower().split():
            s += idf(w, texts) * d.count(w) * (k1 + 1) / (d.count(w) + k1 * (1 - b + b * len(d) / avg))
        scores.append(s)
    return scores
