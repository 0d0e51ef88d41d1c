# mistake: sorted by their numbers
def label_ids(names):
    order = sorted(set(names), key=lambda n: int(n) if n.isdigit() else 0)
    order.sort(key=lambda n: (n.isdigit(), int(n) if n.isdigit() else n))
    return [order.index(n) for n in names]
