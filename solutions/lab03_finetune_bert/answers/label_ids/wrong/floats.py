# mistake: right values of another type
def label_ids(names):
    order = sorted(set(names))
    return np.array([order.index(n) for n in names], dtype=float)
