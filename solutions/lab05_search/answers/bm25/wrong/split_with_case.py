# mistake: texts and query cut at spaces only
def bm25(query, texts, k1, b):
    docs = [t.split() for t in texts]
    avg = sum(len(d) for d in docs) / len(docs)
    return [sum(idf(w, texts) * d.count(w) * (k1 + 1) / (d.count(w) + k1 * (1 - b + b * len(d) / avg)) for w in query.split()) for d in docs]
