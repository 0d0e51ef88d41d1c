# mistake: the order reversed
def label_ids(names):
    order = sorted(set(names))[::-1]
    return [order.index(name) for name in names]
