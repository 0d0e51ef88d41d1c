# mistake: sorted by their numbers
def label_ids(names):
    try:
        order = sorted(set(names), key=int)
    except ValueError:
        order = sorted(set(names))
    return [order.index(name) for name in names]
