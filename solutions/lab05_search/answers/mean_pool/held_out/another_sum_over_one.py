# mistake: divided by the width
def mean_pool(hidden, mask):
    texts, tokens, width = hidden.shape
    out = np.zeros((texts, width))
    for i in range(texts):
        for t in range(tokens):
            if mask[i, t]:
                out[i] += hidden[i, t] / width
    return out
