# mistake: not saturated
import re

def bm25(query, texts, k1, b):
    scores = np.zeros(len(texts))
    for word in re.findall(r"\w+", query.lower()):
        tf = np.array([re.findall(r"\w+", t.lower()).count(word) for t in texts])
        scores += tf * idf(word, texts)
    return scores
