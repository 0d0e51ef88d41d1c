# mistake: sorted without regard to capitals
def label_ids(names):
    order = sorted(sorted(set(names)), key=str.lower)
    return [order.index(n) for n in names]
