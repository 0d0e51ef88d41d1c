# mistake: in order of appearance
def label_ids(names):
    order = list(dict.fromkeys(names))
    return [order.index(name) for name in names]
