# mistake: lengths in characters
import re

def bm25(query, texts, k1, b):
    scores = []
    mean = np.mean([len(t) for t in texts])
    for i in range(len(texts)):
        words = re.findall(r"\w+", texts[i].lower())
        score = 0.0
        for q in re.findall(r"\w+", query.lower()):
            f = words.count(q)
            top = f * (k1 + 1)
            bottom = f + k1 * (1 - b + b * (len(texts[i]) / mean))
            score += idf(q, texts) * top / bottom
        scores.append(score)
    return scores
