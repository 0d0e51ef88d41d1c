import re
from collections import Counter

def bm25(query, texts, k1, b):
    bags = [Counter(re.findall(r"\w+", t.lower())) for t in texts]
    average = sum(bag.total() for bag in bags) / len(bags)
    scores = []
    for bag in bags:
        score = 0.0
        for word, times in Counter(re.findall(r"\w+", query.lower())).items():
            if word in bag:
                f = bag[word]
                score += times * idf(word, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * bag.total() / average))
        scores.append(score)
    return scores
