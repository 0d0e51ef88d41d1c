# mistake: a mean instead of a sum
def entropy(p):
    return -np.mean(p * np.log2(p, where=p > 0, out=np.zeros_like(p)), axis=-1)
