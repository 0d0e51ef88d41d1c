# mistake: not weighted by p
def entropy(p):
    return -np.sum(np.log2(p, where=p > 0, out=np.zeros_like(p)), axis=-1)
