# mistake: in nats
def entropy(p):
    return -np.sum(p * np.log(p, where=p > 0, out=np.zeros_like(p)), axis=-1)
