# mistake: sorted without regard to capitals
def label_ids(names):
    order = sorted(dict.fromkeys(names), key=lambda n: n.upper())
    return [order.index(n) for n in names]
