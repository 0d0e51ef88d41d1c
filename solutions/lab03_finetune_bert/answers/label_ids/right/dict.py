def label_ids(names):
    table = {name: i for i, name in enumerate(sorted(set(names)))}
    return [table[name] for name in names]
