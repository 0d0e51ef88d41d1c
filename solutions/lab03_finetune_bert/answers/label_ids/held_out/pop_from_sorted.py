# mistake: the order reversed
def label_ids(names):
    left = sorted(set(names))
    table = {}
    while left:
        table[left.pop()] = len(table)
    return [table[name] for name in names]
