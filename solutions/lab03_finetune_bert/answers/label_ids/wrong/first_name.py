# mistake: the same number for all
def label_ids(names):
    table = {name: i for i, name in enumerate(sorted(set(names)))}
    return [table[names[0]] for name in names]
