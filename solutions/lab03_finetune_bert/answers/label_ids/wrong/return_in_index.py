# mistake: `return` inside the loop
def label_ids(names):
    found, order = [], sorted(set(names))
    for i in range(len(names)):
        found += [order.index(names[i])]
        if i >= 0:
            return found
