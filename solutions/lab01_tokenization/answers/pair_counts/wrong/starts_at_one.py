# mistake: multiplied instead of added
def pair_counts(words):
    out = {}
    for w, n in words.items():
        for p in zip(w, w[1:]):
            out[p] = out.get(p, 1) * n
    return out
