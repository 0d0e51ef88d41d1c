# mistake: the most frequent first
def label_ids(names):
    order = sorted(set(names), key=lambda name: (-names.count(name), name))
    return [order.index(name) for name in names]
