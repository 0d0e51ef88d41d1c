# mistake: k1 in place of k1 + 1
import re
from collections import Counter

def bm25(query, texts, k1, b):
    result = []
    lengths = [len(re.findall(r"\w+", t)) for t in texts]
    for text, length in zip(texts, lengths):
        counts = Counter(re.findall(r"\w+", text.lower()))
        score = 0
        for w in re.findall(r"\w+", query.lower()):
            K = k1 * (1 - b + b * length / np.mean(lengths))
            score += idf(w, texts) * (k1 * counts[w]) / (K + counts[w])
        result.append(float(score))
    return result
