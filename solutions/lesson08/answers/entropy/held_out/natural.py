# mistake: in nats
def entropy(p):
    q = np.where(p > 0, p, 1.0)
    return (-p * np.log(q)).sum(axis=-1)
