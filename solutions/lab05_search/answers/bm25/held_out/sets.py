# mistake: the frequency counted once
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    avg = np.mean([len(d) for d in docs])
    scores = []
    for d in docs:
        score = 0
        for w in re.findall(r"\w+", query.lower()):
            if w in d:
                f = 1
                score += idf(w, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * len(d) / avg))
        scores.append(score)
    return scores
