# mistake: `return` inside the loop
def label_ids(names):
    order = sorted(set(names))
    ids = []
    for k in range(len(names)):
        ids += [order.index(names[k])]
        return ids
