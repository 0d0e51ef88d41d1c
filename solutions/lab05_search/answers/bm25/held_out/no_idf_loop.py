# mistake: the idf left out
import re

def bm25(query, texts, k1, b):
    docs = [re.findall(r"\w+", t.lower()) for t in texts]
    average = np.mean([len(doc) for doc in docs])
    scores = []
    for doc in docs:
        score = 0.0
        for w in re.findall(r"\w+", query.lower()):
            tf = doc.count(w)
            score += (k1 + 1) * tf / (k1 * (1 - b + b * len(doc) / average) + tf)
        scores.append(score)
    return scores
