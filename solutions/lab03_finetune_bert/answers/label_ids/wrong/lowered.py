# mistake: capitals taken for small letters
def label_ids(names):
    names = [n.lower() for n in names]
    order = sorted(set(names))
    return [order.index(n) for n in names]
