# mistake: numbers as text
def label_ids(names):
    order = sorted(set(names))
    return [f"{order.index(name)}" for name in names]
