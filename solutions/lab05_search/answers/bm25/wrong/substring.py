# mistake: counted inside longer words
import re

def bm25(query, texts, k1, b):
    avg = sum(len(re.findall(r"\w+", t)) for t in texts) / len(texts)
    return [sum(idf(w, texts) * t.lower().count(w) * (k1 + 1) / (t.lower().count(w) + k1 * (1 - b + b * len(re.findall(r"\w+", t)) / avg)) for w in re.findall(r"\w+", query.lower())) for t in texts]
