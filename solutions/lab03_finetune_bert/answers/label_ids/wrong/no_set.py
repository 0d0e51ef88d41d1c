# mistake: repeated names counted
def label_ids(names):
    order = sorted(names)
    return np.array([order.index(name) for name in names])
