# mistake: sorted by length
def label_ids(names):
    order = sorted(sorted(set(names)), key=len)
    return [order.index(n) for n in names]
