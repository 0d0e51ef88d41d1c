# mistake: only the first word of the query
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    lengths = [len(d) for d in docs]
    scores = []
    for d in docs:
        score = 0
        for w in re.findall(r"\w+", query.lower()):
            f = d.count(w)
            score += idf(w, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * len(d) / (sum(lengths) / len(lengths))))
            break
        scores.append(score)
    return scores
