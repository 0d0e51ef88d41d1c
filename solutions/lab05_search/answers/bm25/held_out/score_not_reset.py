# mistake: one number for all texts
import re
from collections import Counter

def bm25(query, texts, k1, b):
    words = re.findall(r"\w+", query.lower())
    bags = [Counter(re.findall(r"\w+", t.lower())) for t in texts]
    mean = sum(bag.total() for bag in bags) / len(bags)
    result = []
    total = 0
    for bag in bags:
        for w in words:
            total += idf(w, texts) * bag[w] * (k1 + 1) / (bag[w] + k1 * (1 - b + b * bag.total() / mean))
        result.append(total)
    return result
