import re
import numpy as np

def bm25(query, texts, k1, b):
    words = lambda t: re.findall(r"\w+", t.lower())
    mean = np.mean([len(words(t)) for t in texts])
    return [sum(idf(w, texts) * words(t).count(w) * (k1 + 1) / (words(t).count(w) + k1 * (1 - b + b * len(words(t)) / mean)) for w in words(query)) for t in texts]
