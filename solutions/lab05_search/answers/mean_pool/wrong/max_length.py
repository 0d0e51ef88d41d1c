# mistake: divided by all tokens
def mean_pool(hidden, mask):
    return (hidden * mask[:, :, None]).mean(axis=1)
