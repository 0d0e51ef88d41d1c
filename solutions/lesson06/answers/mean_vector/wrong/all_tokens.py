# mistake: divided by all tokens
def mean_vector(hidden, mask):
    return (hidden * mask[..., None]).mean(axis=1)
