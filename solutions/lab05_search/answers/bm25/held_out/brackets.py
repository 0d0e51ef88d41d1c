# mistake: k1 for a part of the sum only
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    mean = np.mean([len(d) for d in docs])
    scores = []
    for d in docs:
        s = 0
        for w in re.findall(r"\w+", query.lower()):
            f = d.count(w)
            numerator = f * (k1 + 1)
            denominator = f + k1 * (1 - b) + b * (len(d) / mean)
            s += idf(w, texts) * numerator / denominator
        scores.append(float(s))
    return scores
