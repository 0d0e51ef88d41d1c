# mistake: not allowed
def bm25(query, texts, k1, b):
    from sklearn.feature_extraction.text import CountVectorizer
    counts = CountVectorizer(token_pattern=r"(?u)\b\w+\b").fit(texts)
    f = counts.transform(texts).toarray()
    q = counts.transform([query]).toarray()[0]
    n = (f > 0).sum(axis=0)
    w = np.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
    rel = f.sum(axis=1, keepdims=True) / f.sum(axis=1).mean()
    return (q * w * f * (k1 + 1) / (f + k1 * (1 - b + b * rel))).sum(axis=1)
