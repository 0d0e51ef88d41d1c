# mistake: the query's capitals kept
import re

def bm25(query, texts, k1, b):
    split = lambda t: re.findall(r"\w+", t)
    docs = [split(t.lower()) for t in texts]
    avgdl = np.mean([len(d) for d in docs])
    scores = []
    for d in docs:
        total = 0
        for term in split(query):
            tf = d.count(term)
            total += idf(term, texts) * (tf * (k1 + 1)) / (tf + k1 * (1 - b + b * len(d) / avgdl))
        scores.append(total)
    return scores
