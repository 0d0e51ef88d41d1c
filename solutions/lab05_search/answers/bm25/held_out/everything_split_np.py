# mistake: texts and query cut at spaces only
def bm25(query, texts, k1, b):
    docs = [t.lower().split() for t in texts]
    lengths = np.array([len(d) for d in docs])
    scores = np.zeros(len(texts))
    for w in query.lower().split():
        f = np.array([d.count(w) for d in docs])
        scores = scores + idf(w, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * lengths / lengths.mean()))
    return scores
