# mistake: divided by the real tokens, but padding is added
def mean_pool(hidden, mask):
    return hidden.sum(axis=1) / mask.sum(axis=1, keepdims=True)
