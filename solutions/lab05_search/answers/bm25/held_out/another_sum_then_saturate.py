# mistake: not saturated
import re

def bm25(query, texts, k1, b):
    out = []
    for t in texts:
        words = re.findall(r"\w+", t.lower())
        total = 0
        for q in re.findall(r"\w+", query.lower()):
            for w in words:
                if w == q:
                    total += idf(q, texts)
        out.append(total)
    return out
